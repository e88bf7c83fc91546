import FleetModel
import LinearRegex

/// A line on its way through a query.
struct LineView {
    /// Escape sequences included.
    var bytes: Bytes
    var entry: LineEntry
    /// Position among the store's services.
    var service: Int
    var incarnation: Incarnation
}

/// A filter made ready for one store: expressions have their automata, names of services are looked up once.
struct LogMatcher {
    private indirect enum Test {
        case all([Test])
        case any([Test])
        case not(Test)
        case text(ByteSearch)
        case regex(Int)
        case services([Bool])
        case severity(FilterComparison, LogSeverity)
        case time(Int64, Int64)
        case trace(String, ByteSearch)
        case span(String, ByteSearch)
        case stream(LogStream)
        case incarnation(Int)
        case field(FieldTest, name: [UInt8], regex: Int)
    }

    private var tests: [Test]
    private var regexes: [LineExpression]
    private var scratch: [UInt8] = []
    private let needsText: Bool

    init(_ filter: LogFilter, services: [ServiceID]) {
        var builder = Builder(services: services)
        let root = builder.test(filter.root)
        if case .all(let tests) = root { self.tests = tests } else { tests = [root] }
        regexes = builder.regexes
        needsText = builder.needsText
    }

    /// Whether a slab can hold a line that matches, judged by what is known of it as a whole.
    func mayMatch(_ slab: LogSlab, service: Int) -> Bool {
        for test in tests {
            switch test {
            case .services(let allowed) where !(service < allowed.count && allowed[service]): return false
            case .time(let from, let to) where slab.latest < from || slab.earliest >= to: return false
            case .severity(let comparison, let severity):
                let isPossible = LogSeverity.allCases.contains { one in
                    slab.severities & LogSlab.bit(one.rawValue) != 0 && comparison.holds(one, severity)
                }
                if !isPossible { return false }
            default: break
            }
        }
        return true
    }

    mutating func matches(_ line: LineView) -> Bool {
        if tests.isEmpty { return true }
        let isUnclassified = line.entry.flags.contains(.unclassified)
        guard line.entry.flags.contains(.needsCleaning), needsText || isUnclassified else { return allHold(line) }
        var clean: [UInt8] = []
        swap(&clean, &scratch)
        ANSIText.clean(line.bytes, into: &clean)
        var copy = line
        let result = clean.withUnsafeBytes { bytes in
            copy.bytes = bytes
            return allHold(copy)
        }
        swap(&clean, &scratch)
        return result
    }

    private mutating func allHold(_ line: LineView) -> Bool {
        for index in tests.indices where !holds(tests[index], line) { return false }
        return true
    }

    private mutating func holds(_ test: Test, _ line: LineView) -> Bool {
        switch test {
        case .all(let tests):
            for test in tests where !holds(test, line) { return false }
            return true
        case .any(let tests):
            for test in tests where holds(test, line) { return true }
            return false
        case .not(let inner): return !holds(inner, line)
        case .text(let search): return search.isFound(in: line.bytes)
        case .regex(let index): return regexes[index].matches(line.bytes)
        case .services(let allowed): return line.service < allowed.count && allowed[line.service]
        case .severity(let comparison, let severity): return comparison.holds(Self.severity(of: line), severity)
        case .time(let from, let to): return line.entry.time >= from && line.entry.time < to
        case .stream(let stream): return line.entry.stream == stream
        case .incarnation(let ordinal): return line.incarnation.ordinal == ordinal
        case .trace(let prefix, let search):
            guard search.isFound(in: line.bytes) || Self.datadog.isFound(in: line.bytes) else { return false }
            return LineDecoder.decode(line.bytes).traceID?.hasPrefix(prefix) ?? false
        case .span(let prefix, let search):
            guard search.isFound(in: line.bytes) || Self.datadog.isFound(in: line.bytes) else { return false }
            return LineDecoder.decode(line.bytes).spanID?.hasPrefix(prefix) ?? false
        case .field(let test, let name, let regex): return field(test, name, regex, line)
        }
    }

    /// Lines without the field fulfil only `!=` and `!~`.
    private mutating func field(_ test: FieldTest, _ name: [UInt8], _ regex: Int, _ line: LineView) -> Bool {
        let isNegative = test.comparison == .notEqual || test.comparison == .notMatches
        if test.name == "msg" || test.name == "message" {
            return accepts(test, regex, LineDecoder.decode(line.bytes).message)
        }
        guard test.prefilter.isFound(in: line.bytes) else { return isNegative }
        if let wanted = test.valuePrefilter, !wanted.isFound(in: line.bytes) { return false }
        var values: [String] = []
        _ = LineFields.contains(line.bytes, name: name) { value in
            values.append(value)
            return values.count >= 16
        }
        if values.isEmpty { return isNegative }
        return isNegative
            ? values.allSatisfy { accepts(test, regex, $0) } : values.contains { accepts(test, regex, $0) }
    }

    private mutating func accepts(_ test: FieldTest, _ regex: Int, _ value: String) -> Bool {
        var text = value
        return test.accepts(value) { _ in text.withUTF8 { regexes[regex].matches(Bytes($0)) } }
    }

    static func severity(of line: LineView) -> LogSeverity {
        guard line.entry.flags.contains(.unclassified) else {
            return LogSeverity(rawValue: line.entry.severity) ?? .unspecified
        }
        return LineClassifier.facts(line.bytes).severity
    }

    private static let datadog = ByteSearch(Array("dd.trace_id".utf8), ignoresCase: false)

    private struct Builder {
        let services: [ServiceID]
        var regexes: [LineExpression] = []
        var needsText = false

        mutating func test(_ node: FilterNode) -> Test {
            switch node {
            case .all(let nodes): return .all(nodes.map { test($0) })
            case .any(let nodes): return .any(nodes.map { test($0) })
            case .not(let inner): return .not(test(inner))
            case .services(let patterns): return .services(services.map { id in patterns.contains { matches(id, $0) } })
            case .severity(let comparison, let severity): return .severity(comparison, severity)
            case .time(let from, let to): return .time(from, to)
            case .stream(let stream): return .stream(stream)
            case .incarnation(let ordinal): return .incarnation(ordinal)
            case .text, .regex, .trace, .span, .field:
                needsText = true
                return textTest(node)
            }
        }

        private mutating func textTest(_ node: FilterNode) -> Test {
            switch node {
            case .text(let search): return .text(search)
            case .regex(let program): return .regex(add(program))
            case .trace(let prefix): return .trace(prefix, Self.idSearch(prefix))
            case .span(let prefix): return .span(prefix, Self.idSearch(prefix))
            case .field(let field):
                return .field(field, name: Array(field.name.utf8), regex: field.expression.map { add($0) } ?? -1)
            case .all, .any, .not, .services, .severity, .time, .stream, .incarnation: return .all([])
            }
        }

        private mutating func add(_ expression: LinearRegex) -> Int {
            regexes.append(LineExpression(expression))
            return regexes.count - 1
        }

        /// 64-bit ids are padded with zeros that the line does not show, so zeros in front prove nothing.
        private static func idSearch(_ prefix: String) -> ByteSearch {
            let digits = prefix.utf8.drop { $0 == UInt8(ascii: "0") }
            return digits.isEmpty ? ByteSearch(smartCase: "trace") : ByteSearch(Array(digits), ignoresCase: true)
        }

        /// `users` means `users` and its replicas `users-1`, `users-2` …; `us*` means what begins so.
        private func matches(_ id: ServiceID, _ pattern: String) -> Bool {
            let name = id.rawValue
            if pattern.hasSuffix("*") { return name.hasPrefix(pattern.dropLast()) }
            guard name != pattern else { return true }
            guard name.hasPrefix(pattern + "-") else { return false }
            return name.dropFirst(pattern.count + 1).allSatisfy { $0.isASCII && $0.isNumber }
        }
    }
}
