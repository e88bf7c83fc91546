/// Names a series of a `SeriesStore` for cheap appends. Becomes void when the series is dropped.
package struct SeriesRef: Hashable, Sendable {
    let slot: Int32
    let generation: UInt32
}

/// Bounds of a `SeriesStore`.
package struct SeriesStoreLimits: Hashable, Sendable {
    /// Samples older than this, counted from the time given to `expire`, go. Milliseconds.
    package var retention: Int64 = 2 * 3_600_000
    package var series = 100_000
    /// Estimated memory for samples. Above it the oldest samples go first.
    package var bytes = 192 << 20

    package init() {}
}

/// What was refused or dropped so far.
package struct SeriesStoreDrops: Hashable, Sendable {
    /// New series refused because of the series limit.
    package var refusedSeries = 0
    /// Samples older than the newest of their series.
    package var outOfOrder = 0
    /// Samples with the time of the newest sample and another value.
    package var duplicates = 0
    /// Samples dropped before their retention was over, because of the byte limit.
    package var shedSamples = 0

    package init() {}
}

/// Series of samples in memory, bounded in number, bytes and age.
///
/// The newest samples of a series lie uncompressed; every 120 become an XOR chunk of two to three bytes a sample. A
/// value type: keep it in an actor or behind a lock, and read with `select`, which copies what it returns.
package struct SeriesStore: Sendable {
    package enum AppendOutcome: Hashable, Sendable {
        case stored
        /// The same sample again: accepted, nothing to do.
        case repeated
        case outOfOrder
        case duplicate
        /// The series was dropped meanwhile: look it up again.
        case unknownSeries
    }

    static let samplesPerChunk = 120
    /// What a series costs beside its samples: labels, index entries, bookkeeping.
    static let bytesPerSeries = 768

    package let limits: SeriesStoreLimits
    package internal(set) var drops = SeriesStoreDrops()
    var series: [StoredSeries] = []
    var slots: [SeriesLabels: Int32] = [:]
    var freeSlots: [Int32] = []
    var index = SeriesIndex()
    var interner = LabelInterner()
    var chunkBytes = 0
    package internal(set) var sampleCount = 0

    package init(limits: SeriesStoreLimits = SeriesStoreLimits()) {
        self.limits = limits
    }

    package var seriesCount: Int { slots.count }

    /// Estimated memory use.
    package var byteCount: Int { chunkBytes + slots.count * Self.bytesPerSeries }

    /// The series with these labels, created when it is new; `nil` when the series limit is reached.
    package mutating func reference(for labels: SeriesLabels) -> SeriesRef? {
        if let slot = slots[labels] { return SeriesRef(slot: slot, generation: series[Int(slot)].generation) }
        guard slots.count < limits.series else {
            drops.refusedSeries += 1
            return nil
        }
        let labels = interner.interned(labels)
        let slot: Int32
        if let free = freeSlots.popLast() {
            slot = free
            series[Int(slot)] = StoredSeries(labels: labels, generation: series[Int(slot)].generation &+ 1)
        } else {
            slot = Int32(series.count)
            series.append(StoredSeries(labels: labels, generation: 0))
        }
        slots[labels] = slot
        index.insert(slot, labels)
        return SeriesRef(slot: slot, generation: series[Int(slot)].generation)
    }

    func hasSamples(_ reference: SeriesRef) -> Bool {
        let slot = Int(reference.slot)
        return series.indices.contains(slot) && series[slot].generation == reference.generation
            && series[slot].isLive && series[slot].firstTime != nil
    }

    /// Appends to a series; `time` is in milliseconds since the Unix epoch.
    package mutating func append(_ reference: SeriesRef, at time: Int64, _ value: Double) -> AppendOutcome {
        let slot = Int(reference.slot)
        guard series.indices.contains(slot), series[slot].generation == reference.generation, series[slot].isLive else {
            return .unknownSeries
        }
        if time <= series[slot].lastTime {
            if time < series[slot].lastTime {
                drops.outOfOrder += 1
                return .outOfOrder
            }
            if series[slot].lastBits == value.bitPattern { return .repeated }
            drops.duplicates += 1
            return .duplicate
        }
        let grown = series[slot].append(SamplePoint(time: time, value: value))
        chunkBytes += grown
        sampleCount += 1
        if grown != 0, byteCount > limits.bytes { shed() }
        return .stored
    }

    /// For series that come one sample at a time. `nil` when the series limit is reached.
    @discardableResult
    package mutating func append(_ labels: SeriesLabels, at time: Int64, _ value: Double) -> AppendOutcome? {
        guard let reference = reference(for: labels) else { return nil }
        return append(reference, at: time, value)
    }
}
