import Synchronization

/// The metrics of one process. Families are declared once and keep their order in the exposition.
package final class MetricRegistry: Sendable {
    private struct State {
        var families: [any MetricFamily] = []
        var collectors: [@Sendable () async -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func counter(_ name: String, help: String, labels: [String] = []) -> CounterFamily {
        adding(CounterFamily(name: name, help: help, labels: labels))
    }

    package func gauge(_ name: String, help: String, labels: [String] = []) -> GaugeFamily {
        adding(GaugeFamily(name: name, help: help, labels: labels))
    }

    package func histogram(
        _ name: String,
        help: String,
        labels: [String] = [],
        bounds: [Double] = HistogramFamily.durations
    ) -> HistogramFamily {
        adding(HistogramFamily(name: name, help: help, labels: labels, bounds: bounds))
    }

    /// Work to do before each exposition, for values that are cheaper to read than to follow.
    package func beforeExposition(_ collector: @escaping @Sendable () async -> Void) {
        state.withLock { $0.collectors.append(collector) }
    }

    package func exposition(_ format: ExpositionFormat) async -> String {
        let (families, collectors) = state.withLock { ($0.families, $0.collectors) }
        for collector in collectors { await collector() }
        var out = ExpositionText(format: format)
        for family in families { family.write(to: &out) }
        out.finish()
        return out.text
    }

    private func adding<Family: MetricFamily>(_ family: Family) -> Family {
        state.withLock { $0.families.append(family) }
        return family
    }
}
