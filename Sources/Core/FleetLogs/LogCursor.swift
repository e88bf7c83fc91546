import FleetModel

/// Walks the lines of several services in the order of their ids, in either direction, skipping slabs that cannot match.
struct LogCursor {
    /// A place in one service: entry `index` of slab `slab`.
    private struct Lane {
        let service: Int
        var slabIndex: Int
        var slab: LogSlab
        var index: Int
        var id: Int
    }

    private let logs: [ServiceLog]
    private let isForward: Bool
    private var lanes: [Lane] = []
    private let mayMatch: (LogSlab, Int) -> Bool

    /// - Parameter cursor: exclusive.
    init(
        _ logs: [ServiceLog],
        services: [Int],
        cursor: Int?,
        isForward: Bool,
        mayMatch: @escaping (LogSlab, Int) -> Bool
    ) {
        self.logs = logs
        self.isForward = isForward
        self.mayMatch = mayMatch
        for service in services {
            if let lane = start(service, cursor) { lanes.append(lane) }
        }
    }

    /// The next line in order. `body` must not keep the bytes. Returns `nil` at the end.
    mutating func next<Result>(_ body: (LineView, LogSlab, Int) -> Result) -> Result? {
        guard var best = lanes.indices.first else { return nil }
        for index in lanes.indices.dropFirst() {
            if isForward ? lanes[index].id < lanes[best].id : lanes[index].id > lanes[best].id { best = index }
        }
        let lane = lanes[best]
        let result = lane.slab.withLine(lane.index, service: lane.service) { body($0, lane.slab, lane.index) }
        if !advance(&lanes[best]) { lanes.swapAt(best, lanes.count - 1); lanes.removeLast() }
        return result
    }

    private func start(_ service: Int, _ cursor: Int?) -> Lane? {
        let log = logs[service]
        var slabIndex = isForward ? 0 : log.slabCount - 1
        if let cursor {
            // Slabs are in order of ids, so the one with the cursor is found by halving.
            var low = 0
            var high = log.slabCount - 1
            while low < high {
                let middle = (low + high) / 2
                if log.slab(middle).lastID <= cursor, !log.slab(middle).isEmpty { low = middle + 1 } else { high = middle }
            }
            slabIndex = low
            if !isForward, log.slab(low).isEmpty || log.slab(low).firstID >= cursor { slabIndex -= 1 }
        }
        while slabIndex >= 0, slabIndex < log.slabCount {
            let slab = log.slab(slabIndex)
            if !slab.isEmpty, mayMatch(slab, service) {
                let index = Self.entry(in: slab, cursor, isForward)
                if index >= 0, index < slab.entries.count {
                    return Lane(service: service, slabIndex: slabIndex, slab: slab, index: index, id: slab.id(at: index))
                }
            }
            slabIndex += isForward ? 1 : -1
        }
        return nil
    }

    private static func entry(in slab: LogSlab, _ cursor: Int?, _ isForward: Bool) -> Int {
        guard let cursor else { return isForward ? 0 : slab.entries.count - 1 }
        return isForward ? slab.index(ofID: cursor &+ 1) : slab.index(ofID: cursor) - 1
    }

    private func advance(_ lane: inout Lane) -> Bool {
        lane.index += isForward ? 1 : -1
        if lane.index >= 0, lane.index < lane.slab.entries.count {
            lane.id = lane.slab.id(at: lane.index)
            return true
        }
        let log = logs[lane.service]
        lane.slabIndex += isForward ? 1 : -1
        while lane.slabIndex >= 0, lane.slabIndex < log.slabCount {
            let slab = log.slab(lane.slabIndex)
            if !slab.isEmpty, mayMatch(slab, lane.service) {
                lane.slab = slab
                lane.index = isForward ? 0 : slab.entries.count - 1
                lane.id = slab.id(at: lane.index)
                return true
            }
            lane.slabIndex += isForward ? 1 : -1
        }
        return false
    }
}

extension LogSlab {
    func withLine<Result>(_ index: Int, service: Int, _ body: (LineView) -> Result) -> Result {
        bytes.withUnsafeBytes { all in
            let entry = entries[index]
            let line = all.slice(Int(entry.offset), Int(entry.offset) + Int(entry.length))
            return body(LineView(bytes: line, entry: entry, service: service, incarnation: incarnation(at: index)))
        }
    }
}
