@testable import PromQL

/// `metric{a="b"} 1 2+3x4 _ stale`: the notation for series in Prometheus' test scripts.
struct SeriesNotation {
    enum Value {
        case sample(Double)
        case absent
        /// A native histogram, which we do not have.
        case histogram
    }

    var labels: Labels
    var values: [Value]

    var hasHistograms: Bool { values.contains { if case .histogram = $0 { true } else { false } } }

    init?(_ line: String) {
        guard let end = Self.endOfMetric(line) else { return nil }
        guard let labels = Self.labels(String(line[..<end])) else { return nil }
        self.labels = labels
        values = []
        var rest = line[end...].drop(while: \.isWhitespace)
        while !rest.isEmpty {
            guard let item = Self.takeItem(&rest), append(item) else { return nil }
            rest = rest.drop(while: \.isWhitespace)
        }
    }

    private static func endOfMetric(_ line: String) -> String.Index? {
        guard let brace = line.firstIndex(of: "{"), !line[..<brace].contains(where: \.isWhitespace) else {
            return line.firstIndex(where: \.isWhitespace) ?? line.endIndex
        }
        var quote: Character?
        var isEscaped = false
        for index in line[brace...].indices {
            let character = line[index]
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == open {
                    quote = nil
                }
            } else if character == "\"" || character == "'" || character == "`" {
                quote = character
            } else if character == "}" {
                return line.index(after: index)
            }
        }
        return nil
    }

    private static func labels(_ text: String) -> Labels? {
        guard var tokens = (try? Lexer.tokens(of: Array(text.utf8)))?[...] else { return nil }
        var pairs: [Labels.Pair] = []
        if case .identifier(let name)? = tokens.first?.kind {
            pairs.append((Labels.metricName, name))
            tokens.removeFirst()
        }
        while let token = tokens.popFirst() {
            switch token.kind {
            case .identifier(let name): guard takeValue(name, &tokens, &pairs) else { return nil }
            case .string(let bytes):
                guard takeValue(String(decoding: bytes, as: UTF8.self), &tokens, &pairs) else { return nil }
            default: continue
            }
        }
        return Labels(pairs)
    }

    private static func takeValue(
        _ name: String,
        _ tokens: inout ArraySlice<Token>,
        _ pairs: inout [Labels.Pair]
    ) -> Bool {
        guard tokens.first?.kind == .symbol(.assign) else {
            pairs.append((Labels.metricName, name))
            return true
        }
        tokens.removeFirst()
        guard case .string(let value)? = tokens.popFirst()?.kind else { return false }
        pairs.append((name, String(decoding: value, as: UTF8.self)))
        return true
    }

    /// The next word; a histogram with its blanks is one.
    private static func takeItem(_ rest: inout Substring) -> Substring? {
        var depth = 0
        let end = rest.indices.first { index in
            if rest[index] == "{" { depth += 1 } else if rest[index] == "}" { depth -= 1 }
            return depth == 0 && rest[index].isWhitespace
        }
        let item = rest[..<(end ?? rest.endIndex)]
        rest = rest[item.endIndex...]
        return item
    }

    private mutating func append(_ item: Substring) -> Bool {
        var item = item
        var count: Int?
        if let times = item.lastIndex(of: "x"), let number = Int(item[item.index(after: times)...]) {
            count = number
            item = item[..<times]
        }
        if item == "_" {
            values += Array(repeating: .absent, count: count ?? 1)
            return true
        }
        if item == "stale" {
            values += Array(repeating: .sample(Absent.value), count: (count ?? 0) + 1)
            return true
        }
        if item.hasPrefix("{{") {
            values += Array(repeating: .histogram, count: (count ?? 0) + 1)
            return true
        }
        // `a+bxn`: the sign that separates is the last one that is not part of an exponent.
        var first = item
        var step = 0.0
        if count != nil,
            let sign = item.indices.dropFirst().last(where: { index in
                (item[index] == "+" || item[index] == "-") && !"eE".contains(item[item.index(before: index)])
            })
        {
            first = item[..<sign]
            guard let number = Self.number(item[sign...]) else { return false }
            step = number
        }
        guard let start = Self.number(first) else { return false }
        // Accumulated, not multiplied: that is how the numbers came about that results are compared with.
        var value = start
        for index in 0...(count ?? 0) {
            if index > 0 { value += step }
            values.append(.sample(value))
        }
        return true
    }

    static func number(_ text: Substring) -> Double? {
        guard let expression = try? Parser.parse(String(text)), case .number(let value, _) = expression else {
            return nil
        }
        return value
    }
}
