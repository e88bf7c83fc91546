import FleetModel

/// A filter made ready for one store: names are looked up among the symbols once, so most spans are judged by numbers.
struct TraceMatcher {
    private let filter: TraceFilter
    private let store: TraceStore
    /// By attribute name.
    private let keys: [String: UInt32]

    init(_ filter: TraceFilter, _ store: TraceStore) {
        self.filter = filter
        self.store = store
        var keys: [String: UInt32] = [:]
        func note(_ test: SpanTest) {
            if case .attribute(let name, _, _) = test, let number = store.symbols.number(of: name) {
                keys[name] = number
            }
        }
        filter.spanTests.forEach(note)
        for case .noSpan(let test) in filter.wholeTests { note(test) }
        self.keys = keys
    }

    func matches(_ trace: StoredTrace) -> Bool {
        guard filter.wholeTests.allSatisfy({ holds($0, trace) }) else { return false }
        guard !filter.spanTests.isEmpty else { return true }
        if mustHaveError, trace.errorCount == 0 { return false }
        return trace.spans.contains { span in filter.spanTests.allSatisfy { holds($0, span, trace) } }
    }

    private var mustHaveError: Bool { filter.spanTests.contains(.status(.equal, .error)) }

    private func holds(_ test: WholeTest, _ trace: StoredTrace) -> Bool {
        switch test {
        case .duration(let comparison, let value): return comparison.holds(Double(trace.duration), value)
        case .spans(let comparison, let value): return comparison.holds(Double(trace.spans.count), value)
        case .errors(let comparison, let value): return comparison.holds(Double(trace.errorCount), value)
        case .root(let comparison, let pattern):
            guard !trace.spans.isEmpty else { return false }
            let root = trace.spans[trace.root]
            let isSame =
                pattern.matches(store.symbols[root.service]) || pattern.matches(store.name(of: root, in: trace))
            return isSame == (comparison != .notEqual)
        case .id(let prefix): return trace.id.hex.hasPrefix(prefix)
        case .word(let pattern):
            return trace.services.contains { pattern.matches(store.symbols[$0]) }
                || trace.spans.contains { pattern.matches(store.name(of: $0, in: trace)) }
                || trace.id.hex.hasPrefix(pattern.text.lowercased())
        case .noSpan(let test): return !trace.spans.contains { holds(test, $0, trace) }
        case .not(let inner): return !holds(inner, trace)
        }
    }

    private func holds(_ test: SpanTest, _ span: StoredSpan, _ trace: StoredTrace) -> Bool {
        switch test {
        case .service(let comparison, let pattern):
            return Self.holds(comparison, pattern, store.symbols[span.service])
        case .name(let comparison, let pattern): return Self.holds(comparison, pattern, store.name(of: span, in: trace))
        case .kind(let comparison, let kind): return (span.spanKind == kind) == (comparison != .notEqual)
        case .status(let comparison, let status):
            return (span.status == UInt8(status.rawValue)) == (comparison != .notEqual)
        case .duration(let comparison, let value): return comparison.holds(Double(span.duration), value)
        case .attribute(let name, let comparison, let pattern):
            guard let value = attribute(name, of: span, in: trace) else { return comparison == .notEqual }
            return Self.holds(comparison, pattern, value)
        }
    }

    private static func holds(_ comparison: TraceComparison, _ pattern: TextPattern, _ value: String) -> Bool {
        switch comparison {
        case .equal, .contains: return isSame(pattern, value)
        case .notEqual: return !isSame(pattern, value)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard let wanted = pattern.number else { return false }
            let number = pattern.isDuration ? TextPattern.nanoseconds(value) : Double(value)
            return number.map { comparison.holds($0, wanted) } ?? false
        }
    }

    private static func isSame(_ pattern: TextPattern, _ value: String) -> Bool {
        if pattern.matches(value) { return true }
        guard pattern.shape == .whole, let wanted = pattern.number, !pattern.isDuration else { return false }
        return Double(value) == wanted
    }

    /// The span's own, or its resource's.
    private func attribute(_ name: String, of span: StoredSpan, in trace: StoredTrace) -> String? {
        if let key = keys[name] {
            let own: String? = trace.bytes.withUnsafeBytes { bytes in
                var reader = PayloadReader(bytes, at: Int(span.payload))
                _ = reader.text()
                _ = reader.text()
                for _ in 0..<reader.count() {
                    let found = reader.text()
                    let value = reader.value()
                    if case .symbol(key) = found { return store.symbols.string(value) }
                }
                return nil
            }
            if let own { return own }
        }
        return store.resources.fields(span.resource).first { $0.name == name }?.value
    }
}
