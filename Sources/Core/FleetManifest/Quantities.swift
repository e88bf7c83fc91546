/// The value grammars of manifests: durations, sizes, whole numbers.
enum Quantity {
    /// A year and a day; longer ones are slips.
    static let longest: Duration = .seconds(366 * 86_400)

    static let longestText = "366d"

    /// `500ms`, `10s`, `1m30s`, `2h`, `1.5s`, `0`; compose's units and `d`. nil for anything else or more than a year.
    static func duration(_ text: String) -> Duration? {
        guard let total = seconds(of: text), total <= Double(longest.components.seconds) else { return nil }
        return .nanoseconds(Int64((total * 1e9).rounded()))
    }

    /// A duration as it is written, and more than a year.
    static func isTooLong(_ text: String) -> Bool {
        seconds(of: text).map { $0 > Double(longest.components.seconds) } ?? false
    }

    private static func seconds(of text: String) -> Double? {
        if text == "0" { return 0 }
        var rest = text.utf8[...]
        var total = 0.0
        var isEmpty = true
        while !rest.isEmpty {
            let number = rest.prefix { isDigit($0) || $0 == UInt8(ascii: ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }
            rest = rest.dropFirst(unit.count)
            guard let value = decimal(number), let scale = seconds(String(decoding: unit, as: UTF8.self)) else {
                return nil
            }
            total += value * scale
            isEmpty = false
        }
        return isEmpty ? nil : total
    }

    /// Bytes: `64KiB`, `10MiB`, `2GiB`, `500kB`, `10MB`, `1gb`, `4096`, `64k`, `10m` (compose: powers of 1024 for k m g b).
    static func bytes(_ text: String) -> Int? {
        guard let total = size(of: text), total <= Double(1 << 50) else { return nil }
        return Int(total)
    }

    /// A size as it is written, and larger than this.
    static func isSize(_ text: String, above limit: Int) -> Bool { size(of: text).map { $0 > Double(limit) } ?? false }

    /// `64KiB`: in the largest unit that `bytes` reads and that leaves no rest.
    static func text(bytes: Int) -> String {
        for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] where bytes > 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return "\(bytes)"
    }

    private static func size(of text: String) -> Double? {
        let number = text.utf8.prefix { isDigit($0) || $0 == UInt8(ascii: ".") }
        let unit = String(decoding: text.utf8.dropFirst(number.count), as: UTF8.self)
        guard let value = decimal(number[...]), let scale = byteScale(unit.lowercased()) else { return nil }
        return value * scale
    }

    /// Decimal digits with an optional sign; nil outside 64 bits.
    static func integer(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") })
        else { return nil }
        return Int(text)
    }

    static func number(_ text: String) -> Double? {
        guard !text.isEmpty, text.utf8.allSatisfy({ isDigit($0) || [43, 45, 46, 69, 101].contains($0) }),
            let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func decimal(_ digits: Substring.UTF8View.SubSequence) -> Double? {
        guard !digits.isEmpty else { return nil }
        // Whatever the unit, that is more than anybody may ask for.
        guard digits.count <= 18 else { return digits.contains(UInt8(ascii: ".")) ? nil : .infinity }
        return Double(String(decoding: digits, as: UTF8.self))
    }

    private static func seconds(_ unit: String) -> Double? {
        switch unit {
        case "ns": 1e-9
        case "us", "µs": 1e-6
        case "ms": 1e-3
        case "s": 1
        case "m": 60
        case "h": 3600
        case "d": 86_400
        default: nil
        }
    }

    private static func byteScale(_ unit: String) -> Double? {
        switch unit {
        case "", "b": 1
        case "k", "kib": 1024
        case "m", "mib": 1_048_576
        case "g", "gib": 1_073_741_824
        case "kb": 1000
        case "mb": 1_000_000
        case "gb": 1_000_000_000
        default: nil
        }
    }
}
