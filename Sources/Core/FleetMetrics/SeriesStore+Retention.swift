extension SeriesStore {
    /// Drops what is older than the retention at `now` (milliseconds since the Unix epoch), and series left empty.
    package mutating func expire(now: Int64) {
        let cutoff = now &- limits.retention
        drop(before: cutoff > now ? .min : cutoff, removingEmpty: true)
    }

    /// Makes room: drops the oldest sixteenths of the covered time until the bytes are under 15/16 of the limit.
    mutating func shed() {
        let target = limits.bytes / 16 * 15
        var oldest = Int64.max
        var newest = Int64.min
        for stored in series where stored.isLive {
            guard let first = stored.firstTime else { continue }
            oldest = min(oldest, first)
            newest = max(newest, stored.lastTime)
        }
        guard oldest < newest else { return }
        let step = max((newest &- oldest) / 16, 1)
        var cutoff = oldest
        let before = sampleCount
        while byteCount > target, cutoff < newest {
            cutoff = cutoff.addingReportingOverflow(step).partialValue
            drop(before: min(cutoff, newest))
        }
        drops.shedSamples += before - sampleCount
    }

    /// `removingEmpty`: also series that never got a sample. Not while room is made during an append, because then
    /// the new series of that append would vanish under its hands.
    private mutating func drop(before cutoff: Int64, removingEmpty: Bool = false) {
        var removed: [(slot: Int32, labels: SeriesLabels)] = []
        for slot in series.indices where series[slot].isLive {
            // Most series have nothing to drop; find that out without touching their arrays.
            guard let first = series[slot].chunks.first?.lastTime ?? series[slot].open.last?.time else {
                if removingEmpty { removed.append((Int32(slot), series[slot].labels)) }
                continue
            }
            guard first < cutoff else { continue }
            let costBefore = series[slot].cost
            sampleCount -= series[slot].drop(before: cutoff)
            chunkBytes -= costBefore - series[slot].cost
            if series[slot].chunks.isEmpty, series[slot].open.isEmpty {
                removed.append((Int32(slot), series[slot].labels))
            }
        }
        remove(removed)
    }

    private mutating func remove(_ removed: [(slot: Int32, labels: SeriesLabels)]) {
        guard !removed.isEmpty else { return }
        for (slot, labels) in removed {
            slots[labels] = nil
            series[Int(slot)].isLive = false
            freeSlots.append(slot)
        }
        index.remove(removed)
        interner.keepOnly(slots.keys)
    }
}
