extension Int {
    /// Of bytes, for people: `512 MiB`, `1.5 GiB`, `900 KiB`.
    var spokenBytes: String {
        var (amount, unit) = (Double(Swift.max(0, self)), "B")
        for larger in ["KiB", "MiB", "GiB", "TiB"] where amount >= 1024 {
            amount /= 1024
            unit = larger
        }
        let tenths = Int(amount * 10 + 0.5)
        let isRound = tenths % 10 == 0 || tenths >= 1000 || unit == "B"
        return isRound ? "\((tenths + 5) / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
