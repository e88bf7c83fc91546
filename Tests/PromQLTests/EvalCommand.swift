import LinearRegex

@testable import PromQL

/// One `eval` of a test script with what it expects.
struct EvalCommand {
    private enum Times {
        case instant(Int64)
        case range(Int64, Int64, Int64)
    }

    private struct Expectation {
        var isExact = false
        var text: String?
    }

    let query: String
    private let times: Times
    private var series: [SeriesNotation] = []
    private var scalar: Double?
    private var string: String?
    private var isOrdered = false
    private var rangeVector: (start: Int64, step: Int64)?
    private var expectations: [String: [Expectation]] = [:]

    var expectsHistograms: Bool { series.contains(where: \.hasHistograms) }

    init?(_ line: String, _ block: [String]) {
        var words = line.split(separator: " ", omittingEmptySubsequences: true)[...]
        guard let command = words.popFirst(), let kind = words.popFirst() else { return nil }
        if command.hasPrefix("eval_") { expectations[String(command.dropFirst(5)), default: []].append(Expectation()) }
        func time(_ word: Substring?) -> Int64? { word.flatMap(TestScript.duration) }
        if kind == "instant" {
            guard words.popFirst() == "at", let at = time(words.popFirst()) else { return nil }
            times = .instant(at)
        } else {
            guard words.popFirst() == "from", let start = time(words.popFirst()), words.popFirst() == "to",
                let end = time(words.popFirst()), words.popFirst() == "step", let step = time(words.popFirst())
            else { return nil }
            times = .range(start, end, step)
        }
        guard let first = words.first else { return nil }
        query = line[first.startIndex...].trimmingBlanks
        for line in block { guard read(line) else { return nil } }
        isOrdered = expectations["ordered"] != nil
    }

    private mutating func read(_ line: String) -> Bool {
        guard line.hasPrefix("expect ") else {
            if let number = SeriesNotation.number(line[...]) {
                scalar = number
                return true
            }
            guard let notation = SeriesNotation(line) else { return false }
            series.append(notation)
            return true
        }
        let rest = line.dropFirst(7).trimmingBlanks
        if rest.hasPrefix("string") {
            guard case .string(let bytes, _)? = try? Parser.parse(rest.dropFirst(6).trimmingBlanks) else {
                return false
            }
            string = String(decoding: bytes, as: UTF8.self)
        } else if rest.hasPrefix("range vector") {
            let words = rest.split(separator: " ")
            guard words.count == 8, let start = TestScript.duration(words[3]), let step = TestScript.duration(words[7])
            else {
                return false
            }
            rangeVector = (start, step)
        } else {
            let kind = String(rest.prefix { !$0.isWhitespace })
            var expectation = Expectation()
            for (mark, isExact) in [("msg:", true), ("regex:", false)] {
                let body = rest.dropFirst(kind.count).trimmingBlanks
                if body.hasPrefix(mark) {
                    expectation = Expectation(isExact: isExact, text: body.dropFirst(mark.count).trimmingBlanks)
                }
            }
            expectations[kind, default: []].append(expectation)
        }
        return true
    }

    /// What is wrong with the result, or `nil`.
    func complaint(over source: MemorySource) -> String? {
        let result: QueryResult
        do {
            let query = try Query(query)
            switch times {
            case .instant(let time): result = try query.instant(at: time, over: source)
            case .range(let start, let end, let step):
                result = try query.range(from: start, through: end, step: step, over: source)
            }
        } catch {
            guard let wanted = expectations["fail"] else { return "failed: \(error)" }
            let isMet = wanted.allSatisfy { Self.meets($0, error.message) }
            return isMet ? nil : "failed otherwise: \(error.message)"
        }
        if expectations["fail"] != nil { return "did not fail" }
        for (kind, messages) in [("warn", result.warnings), ("info", result.infos)] {
            if expectations["no_\(kind)"] != nil, let message = messages.first { return "unexpected \(message)" }
            guard let wanted = expectations[kind] else { continue }
            if messages.isEmpty { return "no \(kind)" }
            if let missing = wanted.first(where: { wish in !messages.contains { Self.meets(wish, $0) } }) {
                return "no \(kind) \(missing.text ?? ""), but \(messages)"
            }
        }
        return compare(result.value)
    }

    private static func meets(_ expectation: Expectation, _ message: String) -> Bool {
        guard let text = expectation.text else { return true }
        if expectation.isExact { return message == text }
        return (try? LinearRegex(text, anchoring: .anywhere))?.matches(message) ?? false
    }

    private func compare(_ value: QueryValue) -> String? {
        switch value {
        case .string(_, let bytes):
            return String(decoding: bytes, as: UTF8.self) == string ? nil : "other string"
        case .scalar(_, let number):
            guard let scalar else { return "unexpected scalar \(number)" }
            return Self.areAlmostEqual(number, scalar) ? nil : "\(number), expected \(scalar)"
        case .vector(let samples):
            return compare(samples)
        case .matrix(let matrix):
            if let rangeVector { return compare(matrix, start: rangeVector.start, step: rangeVector.step) }
            guard case .range(let start, _, let step) = times else { return "unexpected matrix" }
            return compare(matrix, start: start, step: step)
        }
    }

    private func compare(_ samples: [InstantSample]) -> String? {
        let shown = samples.map { "\($0.labels) \($0.value)" }
        guard samples.count == series.count else {
            return "\(samples.count) series, expected \(series.count): \(shown)"
        }
        for (position, expected) in series.enumerated() {
            guard let found = samples.firstIndex(where: { $0.labels == expected.labels }) else {
                return "\(expected.labels) is missing in \(shown)"
            }
            if isOrdered, found != position { return "\(expected.labels) stands at \(found), expected \(position)" }
            guard case .sample(let number)? = expected.values.first, Self.areAlmostEqual(samples[found].value, number)
            else {
                return "\(expected.labels) is \(samples[found].value)"
            }
        }
        return nil
    }

    private func compare(_ matrix: [SampleSeries], start: Int64, step: Int64) -> String? {
        let wanted = series.filter { $0.values.contains { if case .sample = $0 { true } else { false } } }
        if let scalar, wanted.isEmpty, matrix.count == 1 {
            return matrix[0].values.allSatisfy { Self.areAlmostEqual($0, scalar) } ? nil : "other values"
        }
        let shown = matrix.prefix(4).map { "\($0.labels) \($0.values.prefix(20))" }
        guard matrix.count == wanted.count else { return "\(matrix.count) series, expected \(wanted.count): \(shown)" }
        for expected in wanted {
            guard let found = matrix.first(where: { $0.labels == expected.labels }) else {
                return "\(expected.labels) is missing in \(shown)"
            }
            var samples: [(Int64, Double)] = []
            for (index, value) in expected.values.enumerated() {
                if case .sample(let number) = value { samples.append((start + Int64(index) * step, number)) }
            }
            guard samples.map(\.0) == found.times,
                zip(samples, found.values).allSatisfy({ Self.areAlmostEqual($0.1, $1) })
            else { return "\(expected.labels): \(zip(found.times, found.values).map { "\($0)=\($1)" }.prefix(20))" }
        }
        return nil
    }

    /// Prometheus' tolerance: 1e-6 of the sum.
    static func areAlmostEqual(_ left: Double, _ right: Double, tolerance: Double = 1e-6) -> Bool {
        if left == right || (left.isNaN && right.isNaN) { return true }
        if left.isNaN || right.isNaN || left.isInfinite || right.isInfinite { return false }
        let difference = abs(left - right)
        let sum = abs(left) + abs(right)
        if left == 0 || right == 0 || sum < .leastNormalMagnitude {
            return difference < tolerance * .leastNormalMagnitude
        }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }
}
