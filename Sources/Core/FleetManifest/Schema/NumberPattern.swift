/// Regular expressions for the decimal numbers of a range: the only bound that a schema can set to a number in quotes.
enum NumberPattern {
    /// In brackets, without anchors, signs and leading zeros. Not for negative numbers.
    static func of(_ range: ClosedRange<Int>) -> String {
        let parts = spans(range).map { span($0.lowerBound, $0.upperBound) }
        return "(\(parts.joined(separator: "|")))"
    }

    /// Cut so that the two ends of each piece differ in trailing digits only, and all of those run from 0 to 9:
    /// 8…9, 10…99, 100…254, 255 become 8…9, 10…99, 100…199, 200…249, 250…254, 255.
    private static func spans(_ range: ClosedRange<Int>) -> [ClosedRange<Int>] {
        var ends: Set<Int> = [range.upperBound]
        var scale = 10
        while scale <= range.upperBound {
            let nines = range.lowerBound / scale * scale + scale - 1
            if range.contains(nines) { ends.insert(nines) }
            let zeros = (range.upperBound + 1) / scale * scale - 1
            if range.contains(zeros) { ends.insert(zeros) }
            scale *= 10
        }
        // Numbers of one length share an expression.
        var length = 9
        while length < range.upperBound {
            if range.contains(length) { ends.insert(length) }
            length = length * 10 + 9
        }
        var start = range.lowerBound
        return ends.sorted().map { end in
            defer { start = end + 1 }
            return start...end
        }
    }

    private static func span(_ first: Int, _ last: Int) -> String {
        var text = ""
        var digits = 0
        for (low, high) in zip(String(first), String(last)) {
            if low == high {
                text.append(low)
            } else if low == "0", high == "9" {
                digits += 1
            } else {
                text += "[\(low)-\(high)]"
            }
        }
        return digits == 0 ? text : text + "[0-9]" + (digits == 1 ? "" : "{\(digits)}")
    }
}
