@testable import PromQL

/// Runs a script of Prometheus' test language (`load`, `clear`, `eval`) and counts what agrees.
struct TestScript {
    struct Outcome {
        var passed = 0
        /// Cases whose expected result is a native histogram.
        var unsupported = 0
        var failures: [String] = []
    }

    private var source = MemorySource()
    private(set) var outcome = Outcome()
    private let lines: [String]

    private init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let trimmed = line.trimmingBlanks
            return trimmed.hasPrefix("#") ? "" : trimmed
        }
    }

    static func run(_ text: String) -> Outcome {
        var script = TestScript(text)
        script.runAll()
        return script.outcome
    }

    private mutating func runAll() {
        var index = 0
        while index < lines.count {
            let line = lines[index]
            let start = index
            index += 1
            var block: [String] = []
            if line.hasPrefix("load") || line.hasPrefix("eval") {
                while index < lines.count, !lines[index].isEmpty {
                    block.append(lines[index])
                    index += 1
                }
            }
            if line.hasPrefix("load") {
                load(line, block)
            } else if line == "clear" {
                source = MemorySource()
            } else if line.hasPrefix("eval") {
                evaluate(line, block, number: start + 1)
            }
        }
    }

    private mutating func load(_ line: String, _ block: [String]) {
        guard let step = Self.duration(line.split(separator: " ").last ?? "") else { return }
        var loaded: [(labels: Labels, samples: [(time: Int64, value: Double)])] = []
        for line in block {
            guard let series = SeriesNotation(line) else {
                outcome.failures.append("cannot read \(line)")
                continue
            }
            var samples: [(time: Int64, value: Double)] = []
            for (index, value) in series.values.enumerated() {
                switch value {
                case .sample(let number): samples.append((Int64(index) * step, number))
                // No number here: what a selector must not see either.
                case .histogram: samples.append((Int64(index) * step, Absent.value))
                case .absent: continue
                }
            }
            // A series that is given twice counts as given last.
            loaded.removeAll { $0.labels == series.labels }
            if !samples.isEmpty { loaded.append((series.labels, samples)) }
        }
        for series in loaded { source.append(series.labels, series.samples) }
    }

    static func duration(_ text: Substring) -> Int64? {
        SeriesNotation.number(text).map { Int64(($0 * 1000).rounded()) }
    }

    private mutating func evaluate(_ line: String, _ block: [String], number: Int) {
        guard let command = EvalCommand(line, block) else {
            outcome.failures.append("line \(number): cannot read \(line)")
            return
        }
        guard !command.expectsHistograms else {
            outcome.unsupported += 1
            return
        }
        if let complaint = command.complaint(over: source) {
            outcome.failures.append("line \(number): \(command.query): \(complaint)")
        } else {
            outcome.passed += 1
        }
    }
}

extension Substring {
    var trimmingBlanks: String {
        var text = self.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

extension String {
    var trimmingBlanks: String { self[...].trimmingBlanks }
}
