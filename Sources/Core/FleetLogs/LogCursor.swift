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

    /// The cursor is exclusive.
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

    /// Shows `body` the lines in order until it returns false or there are no more. `body` must not keep the bytes.
    mutating func scan(_ body: (LineView, LogSlab, Int) -> Bool) {
        while let best = lanes.indices.min(by: { isBefore(lanes[$0].id, lanes[$1].id) }) {
            // The line with the next turn is some way off: this service is walked in one go until then.
            var bound: Int?
            for index in lanes.indices where index != best {
                if bound.map({ isBefore(lanes[index].id, $0) }) ?? true { bound = lanes[index].id }
            }
            guard run(best, until: bound, body) else { return }
            if !advance(&lanes[best]) {
                lanes.swapAt(best, lanes.count - 1)
                lanes.removeLast()
            }
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool { isForward ? left < right : left > right }

    /// Walks within one slab; afterwards the lane stands on the last line shown.
    private mutating func run(_ lane: Int, until bound: Int?, _ body: (LineView, LogSlab, Int) -> Bool) -> Bool {
        let slab = lanes[lane].slab
        let service = lanes[lane].service
        let last = isForward ? slab.entries.count - 1 : 0
        let step = isForward ? 1 : -1
        var index = lanes[lane].index
        let goesOn: Bool = slab.bytes.withUnsafeBytes { all in
            while true {
                let entry = slab.entries[index]
                let line = all.slice(Int(entry.offset), Int(entry.offset) + Int(entry.length))
                let view = LineView(
                    bytes: line,
                    entry: entry,
                    service: service,
                    incarnation: slab.incarnation(at: index)
                )
                guard body(view, slab, index) else { return false }
                guard index != last else { return true }
                if let bound, !isBefore(slab.id(at: index &+ step), bound) { return true }
                index &+= step
            }
        }
        lanes[lane].index = index
        return goesOn
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
                if log.slab(middle).lastID <= cursor, !log.slab(middle).isEmpty {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            slabIndex = low
            if !isForward, log.slab(low).isEmpty || log.slab(low).firstID >= cursor { slabIndex -= 1 }
        }
        while slabIndex >= 0, slabIndex < log.slabCount {
            let slab = log.slab(slabIndex)
            if !slab.isEmpty, mayMatch(slab, service) {
                let index = Self.entry(in: slab, cursor, isForward)
                if index >= 0, index < slab.entries.count {
                    return Lane(
                        service: service,
                        slabIndex: slabIndex,
                        slab: slab,
                        index: index,
                        id: slab.id(at: index)
                    )
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
