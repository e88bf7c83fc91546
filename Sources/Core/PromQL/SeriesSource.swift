/// Where a query finds its samples.
package protocol SeriesSource {
    /// All series that satisfy every matcher, with their samples of `from <= time <= through` (milliseconds since the
    /// Unix epoch), staleness markers included. Stop when more than `sampleLimit` samples have been collected: the
    /// query fails then anyway.
    func select(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        sampleLimit: Int
    ) throws -> SelectedSeries
}

/// Samples of several series in flat arrays.
package struct SelectedSeries: Sendable {
    package private(set) var labels: [Labels] = []
    /// `offsets[i]..<offsets[i + 1]` are the samples of series `i`.
    package private(set) var offsets: [Int] = [0]
    /// Milliseconds since the Unix epoch, ascending within a series.
    package private(set) var times: [Int64] = []
    package private(set) var values: [Double] = []

    package init() {}

    /// Takes over arrays in the same layout. `offsets` has one element more than `labels`.
    package init(labels: [Labels], offsets: [Int], times: [Int64], values: [Double]) {
        guard offsets.count == labels.count + 1, times.count == values.count, offsets.last == times.count else {
            return
        }
        self.labels = labels
        self.offsets = offsets
        self.times = times
        self.values = values
    }

    package mutating func append(_ labels: Labels, _ samples: some Sequence<(time: Int64, value: Double)>) {
        for sample in samples {
            times.append(sample.time)
            values.append(sample.value)
        }
        self.labels.append(labels)
        offsets.append(times.count)
    }

    /// Without staleness markers, which range functions do not see.
    func withoutStaleness() -> SelectedSeries {
        guard values.contains(where: { $0.bitPattern == Absent.bitPattern }) else { return self }
        var result = SelectedSeries()
        result.times.reserveCapacity(times.count)
        result.values.reserveCapacity(values.count)
        for series in labels.indices {
            for index in offsets[series]..<offsets[series + 1] where values[index].bitPattern != Absent.bitPattern {
                result.times.append(times[index])
                result.values.append(values[index])
            }
            result.labels.append(labels[series])
            result.offsets.append(result.times.count)
        }
        return result
    }
}

/// The value that stands for "no sample here": the staleness marker, which no calculation can produce.
enum Absent {
    static let bitPattern: UInt64 = 0x7ff0_0000_0000_0002
    static var value: Double { Double(bitPattern: bitPattern) }

    @inline(__always)
    static func isAbsent(_ value: Double) -> Bool { value.bitPattern == bitPattern }
}
