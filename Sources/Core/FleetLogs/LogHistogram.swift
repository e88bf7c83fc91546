package import FleetModel

/// How many lines of each severity arrived when.
package struct LogHistogram: Equatable, Sendable {
    package struct Bucket: Equatable, Sendable {
        /// Lines by severity, in the order of `LogSeverity.allCases`.
        package private(set) var counts = [Int](repeating: 0, count: LogSeverity.allCases.count)

        package subscript(severity: LogSeverity) -> Int { counts[Self.position(severity)] }

        package var total: Int { counts.reduce(0, +) }

        mutating func add(_ severity: LogSeverity) { counts[Self.position(severity)] += 1 }

        private static func position(_ severity: LogSeverity) -> Int {
            switch severity {
            case .unspecified: 0
            case .trace: 1
            case .debug: 2
            case .info: 3
            case .warning: 4
            case .error: 5
            case .fatal: 6
            }
        }
    }

    package var from: Timestamp
    package var to: Timestamp
    package var buckets: [Bucket]
}

extension LogStore {
    /// `to` is exclusive; there are 1 to 1,000 buckets.
    package func histogram(
        services wanted: Set<ServiceID> = [],
        filter: LogFilter = .everything,
        from: Timestamp,
        to: Timestamp,
        buckets: Int
    ) -> LogHistogram {
        let count = min(max(1, buckets), 1000)
        var result = LogHistogram(from: from, to: to, buckets: Array(repeating: LogHistogram.Bucket(), count: count))
        guard from < to else { return result }
        let span = Double(to.nanoseconds) - Double(from.nanoseconds)
        var matcher = LogMatcher(filter, services: serviceIDs)
        for service in selection(wanted) {
            let log = services[service]
            for index in 0..<log.slabCount {
                let slab = log.slab(index)
                guard !slab.isEmpty, slab.latest >= from.nanoseconds, slab.earliest < to.nanoseconds,
                    matcher.mayMatch(slab, service: service)
                else { continue }
                for entry in slab.entries.indices {
                    let time = slab.entries[entry].time
                    guard time >= from.nanoseconds, time < to.nanoseconds else { continue }
                    let severity = slab.withLine(entry, service: service) { line in
                        matcher.matches(line) ? LogMatcher.severity(of: line) : nil
                    }
                    guard let severity else { continue }
                    let position = Int((Double(time) - Double(from.nanoseconds)) / span * Double(count))
                    result.buckets[min(max(0, position), count - 1)].add(severity)
                }
            }
        }
        return result
    }
}
