import FleetModel

/// Names that somebody may have meant. The same slip is looked up once, and only so many different ones: with thousands
/// of names and thousands of slips a hint for each would cost minutes.
final class KnownNames {
    private let names: [String]
    /// Comparisons of two names that may still be made.
    private var budget = 200_000
    private var hints: [String: String] = [:]

    /// `names` are sorted, so that of two equally near ones the same is proposed every time.
    init(_ names: some Sequence<String>) { self.names = names.sorted() }

    /// `did you mean "bus"?`, or nothing.
    func hint(_ name: String) -> String {
        if let hint = hints[name] { return hint }
        guard budget >= names.count else { return "" }
        budget -= max(1, names.count)
        let hint = NearestName.hint(name, among: names)
        hints[name] = hint
        return hint
    }
}
