extension ExpositionParser {
    /// How the two formats differ inside braces.
    struct LabelRules {
        /// Blanks between tokens, raw newlines in values, and a missing comma between pairs are allowed.
        var isLax: Bool
        /// Exemplar labels: no metric name among them, no NUL in values.
        var isExemplar = false
    }

    /// The canonical NaN of Prometheus, so that no NaN of a body can be mistaken for a staleness marker.
    static var canonicalNaN: Double { Double(bitPattern: 0x7ff8_0000_0000_0001) }

    static func isNameStart(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
    }

    /// The end of the name that starts at `start`; `start` itself when there is none.
    func endOfName(_ start: Int, colons: Bool) -> Int {
        var end = start
        while true {
            let byte = byte(end)
            let isDigit = byte &- UInt8(ascii: "0") < 10
            guard Self.isNameStart(byte) || (colons && byte == UInt8(ascii: ":")) || (isDigit && end > start) else {
                return end
            }
            end += 1
        }
    }

    /// One past the closing quote of the string that starts at `start`; `nil` when it never closes.
    func endOfQuoted(_ start: Int, newlines: Bool, nulls: Bool) -> Int? {
        var end = start + 1
        while end < bytes.count {
            switch bytes[end] {
            case UInt8(ascii: "\""):
                return end + 1
            case UInt8(ascii: "\\"):
                guard end + 1 < bytes.count, bytes[end + 1] != UInt8(ascii: "\n") else { return nil }
                end += 2
            case UInt8(ascii: "\n") where !newlines:
                return nil
            case 0 where !nulls:
                return nil
            default:
                end += 1
            }
        }
        return nil
    }

    mutating func skipBlanks() {
        while byte(index) == UInt8(ascii: " ") || byte(index) == UInt8(ascii: "\t") { index += 1 }
    }

    /// Everything between `{` (already read) and `}`, into `spans`; sets the metric name when it is among them.
    mutating func parseLabels(_ rules: LabelRules, into spans: inout [LabelSpan]) throws(ExpositionError) {
        var followsComma = false
        while true {
            if rules.isLax { skipBlanks() }
            guard byte(index) != UInt8(ascii: "}") else {
                // OpenMetrics has commas between pairs only; the older format may end with one.
                guard rules.isLax || !followsComma else { throw failure(.expectedLabelName) }
                index += 1
                return
            }
            let (name, isQuoted) = try labelName()
            if rules.isLax { skipBlanks() }
            let next = byte(index)
            if isQuoted, next == UInt8(ascii: ",") || next == UInt8(ascii: "}") {
                guard !rules.isExemplar else { throw failure(.expectedEqual) }
                guard !sample.hasName else { throw failure(.metricNameSetTwice) }
                sample.name = name
                sample.hasName = true
                index += 1
                if next == UInt8(ascii: "}") { return }
                followsComma = true
                continue
            }
            guard next == UInt8(ascii: "=") else { throw failure(.expectedEqual) }
            index += 1
            spans.append(LabelSpan(name: name, value: try labelValue(rules)))
            if rules.isLax { skipBlanks() }
            followsComma = byte(index) == UInt8(ascii: ",")
            if followsComma {
                index += 1
            } else if !rules.isLax, byte(index) != UInt8(ascii: "}") {
                throw failure(.expectedCommaOrBrace)
            }
        }
    }

    private mutating func labelName() throws(ExpositionError) -> (name: Range<Int>, isQuoted: Bool) {
        let start = index
        if byte(start) == UInt8(ascii: "\"") {
            guard let end = endOfQuoted(start, newlines: true, nulls: false) else { throw failure(.expectedLabelName) }
            index = end
            let name = start + 1..<end - 1
            guard isValidUTF8(name) else { throw failure(.invalidUTF8, at: start) }
            return (name, true)
        }
        let end = endOfName(start, colons: false)
        guard end > start else { throw failure(.expectedLabelName) }
        index = end
        return (start..<end, false)
    }

    private mutating func labelValue(_ rules: LabelRules) throws(ExpositionError) -> Range<Int> {
        if rules.isLax { skipBlanks() }
        let start = index
        guard byte(start) == UInt8(ascii: "\""),
            let end = endOfQuoted(start, newlines: rules.isLax, nulls: !rules.isExemplar)
        else { throw failure(.expectedLabelValue) }
        index = end
        let value = start + 1..<end - 1
        guard isValidUTF8(value) else { throw failure(.invalidUTF8, at: start) }
        return value
    }

    func isValidUTF8(_ range: Range<Int>) -> Bool {
        for index in range where bytes[index] >= 0x80 {
            return String(validating: bytes[range], as: UTF8.self) != nil
        }
        return true
    }

    /// A number as a value; a NaN becomes the canonical one.
    func number(_ range: Range<Int>) throws(ExpositionError) -> Double {
        guard let value = DecimalDouble.parse(bytes, range) else { throw failure(.invalidNumber, at: range.lowerBound) }
        return value.isNaN ? Self.canonicalNaN : value
    }
}
