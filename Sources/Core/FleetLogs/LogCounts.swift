import FleetModel

/// Remembers how many lines of each full slab match a filter, so that counting again costs only what is new. Keep one next to
/// the store; it forgets filters that were not asked for lately and slabs that were evicted.
package struct LogCounts: Sendable {
    private struct Entry: Sendable {
        /// By slab serial: matching lines among the first `entries` lines.
        var slabs: [Int: (matching: Int, entries: Int)] = [:]
        var lastUse = 0
    }

    /// Filters remembered at once.
    static let mostFilters = 16

    private var entries: [String: Entry] = [:]
    private var clock = 0

    package init() {}

    /// Lines of the services that match, in all and with an id below `before`.
    mutating func count(
        _ filter: LogFilter,
        in logs: [ServiceLog],
        services: [Int],
        before: Int?
    ) -> (all: Int, before: Int) {
        clock += 1
        var entry = entries[filter.key] ?? Entry()
        entry.lastUse = clock
        var matcher = LogMatcher(filter, services: logs.map(\.service))
        var all = 0
        var earlier = 0
        for service in services {
            let log = logs[service]
            for index in 0..<log.slabCount {
                let slab = log.slab(index)
                guard !slab.isEmpty else { continue }
                let matching = Self.matching(slab, service, &matcher, &entry.slabs)
                all += matching
                guard let before, slab.firstID < before else { continue }
                earlier +=
                    slab.lastID < before
                    ? matching : Self.scan(slab, service, &matcher, 0..<slab.index(ofID: before))
            }
        }
        entries[filter.key] = entry
        prune(logs)
        return (all, earlier)
    }

    /// Whether the slab is known to hold no match, so that a search can pass over it.
    func isKnownEmpty(_ slab: LogSlab, for filter: LogFilter) -> Bool {
        guard let known = entries[filter.key]?.slabs[slab.serial] else { return false }
        return known.matching == 0 && known.entries == slab.entries.count
    }

    private static func matching(
        _ slab: LogSlab,
        _ service: Int,
        _ matcher: inout LogMatcher,
        _ known: inout [Int: (matching: Int, entries: Int)]
    ) -> Int {
        let old = known[slab.serial] ?? (0, 0)
        guard old.entries < slab.entries.count else { return old.matching }
        let matching = old.matching + scan(slab, service, &matcher, old.entries..<slab.entries.count)
        known[slab.serial] = (matching, slab.entries.count)
        return matching
    }

    private static func scan(_ slab: LogSlab, _ service: Int, _ matcher: inout LogMatcher, _ range: Range<Int>) -> Int {
        guard matcher.mayMatch(slab, service: service) else { return 0 }
        return slab.count(range, service: service, &matcher)
    }

    private mutating func prune(_ logs: [ServiceLog]) {
        while entries.count > Self.mostFilters {
            guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { break }
            entries[oldest] = nil
        }
        guard clock % 64 == 0 else { return }
        var alive: Set<Int> = []
        for log in logs {
            for index in 0..<log.slabCount { alive.insert(log.slab(index).serial) }
        }
        entries = entries.mapValues { Entry(slabs: $0.slabs.filter { alive.contains($0.key) }, lastUse: $0.lastUse) }
    }
}

extension LogSlab {
    func count(_ range: Range<Int>, service: Int, _ matcher: inout LogMatcher) -> Int {
        var matching = 0
        bytes.withUnsafeBytes { all in
            for index in range {
                let entry = entries[index]
                let line = Bytes(rebasing: all[Int(entry.offset)..<(Int(entry.offset) + Int(entry.length))])
                let view = LineView(bytes: line, entry: entry, service: service, incarnation: incarnation(at: index))
                if matcher.matches(view) { matching += 1 }
            }
        }
        return matching
    }
}
