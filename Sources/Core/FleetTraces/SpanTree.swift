import FleetModel

/// Who is whose parent among the spans of a trace. Nothing here recurses: chains of 80,000 spans exist (jaeger-ui PR 4195), and
/// ids come from outside, so circles and doubles have to be expected.
struct SpanTree {
    /// Position of the parent; -1 for roots and orphans.
    private(set) var parents: [Int32]
    /// Positions in depth-first order, children in order of their start.
    private(set) var order: [Int32] = []
    private(set) var depths: [Int32]
    private(set) var isOrphan: [Bool]
    /// Children of position p stand in `children[childStart[p]..<childStart[p + 1]]`, in order of their start.
    private var children: [Int32] = []
    private var childStart: [Int32] = []

    init(_ spans: [StoredSpan]) {
        parents = [Int32](repeating: -1, count: spans.count)
        depths = [Int32](repeating: 0, count: spans.count)
        isOrphan = [Bool](repeating: false, count: spans.count)
        var positions: [UInt64: Int32] = Dictionary(minimumCapacity: spans.count)
        for (index, span) in spans.enumerated() where positions[span.id] == nil { positions[span.id] = Int32(index) }
        for (index, span) in spans.enumerated() where span.parent != 0 {
            if let parent = positions[span.parent], parent != Int32(index) {
                parents[index] = parent
            } else {
                isOrphan[index] = true
            }
        }
        let byStart = spans.indices.sorted {
            (spans[$0].start, -spans[$0].duration, $0) < (spans[$1].start, -spans[$1].duration, $1)
        }
        cutCircles(byStart)
        gatherChildren(byStart)
        walk(byStart)
    }

    func children(of position: Int) -> ArraySlice<Int32> {
        children[Int(childStart[position])..<Int(childStart[position + 1])]
    }

    /// A circle is cut at its earliest span, which becomes an orphan.
    private mutating func cutCircles(_ byStart: [Int]) {
        /// 0 unknown, 1 on the way, 2 leads to a root.
        var marks = [UInt8](repeating: 0, count: parents.count)
        var trail: [Int] = []
        var ranks = [Int](repeating: 0, count: parents.count)
        for (rank, position) in byStart.enumerated() { ranks[position] = rank }
        for start in byStart where marks[start] == 0 {
            trail.removeAll(keepingCapacity: true)
            var at = start
            while marks[at] == 0 {
                marks[at] = 1
                trail.append(at)
                guard parents[at] >= 0 else { break }
                at = Int(parents[at])
            }
            if marks[at] == 1, parents[at] >= 0 {
                // `at` is on a circle. The walk began at the earliest span that leads here, but the circle's own earliest is cut.
                let circle = trail[(trail.firstIndex(of: at) ?? 0)...]
                let first = circle.min { ranks[$0] < ranks[$1] } ?? at
                parents[first] = -1
                isOrphan[first] = true
            }
            for position in trail { marks[position] = 2 }
        }
    }

    private mutating func gatherChildren(_ byStart: [Int]) {
        childStart = [Int32](repeating: 0, count: parents.count + 1)
        for parent in parents where parent >= 0 { childStart[Int(parent) + 1] += 1 }
        for index in parents.indices { childStart[index + 1] += childStart[index] }
        children = [Int32](repeating: 0, count: Int(childStart[parents.count]))
        var next = childStart
        for position in byStart where parents[position] >= 0 {
            let parent = Int(parents[position])
            children[Int(next[parent])] = Int32(position)
            next[parent] += 1
        }
    }

    private mutating func walk(_ byStart: [Int]) {
        order.reserveCapacity(parents.count)
        var pending: [Int32] = []
        for root in byStart where parents[root] < 0 {
            pending.append(Int32(root))
            while let position = pending.popLast() {
                order.append(position)
                let depth = depths[Int(position)] + 1
                for child in children(of: Int(position)).reversed() {
                    depths[Int(child)] = depth
                    pending.append(child)
                }
            }
        }
    }
}

extension SpanTree {
    /// Duration minus the union of the children's intervals, each clipped to the span. Consumers run on their own time.
    func selfTime(of position: Int, _ spans: [StoredSpan]) -> Int64 {
        let span = spans[position]
        var covered: Int64 = 0
        var reached = span.start
        for child in children(of: position) {
            let other = spans[Int(child)]
            if other.spanKind == .consumer { continue }
            let from = max(other.start, reached)
            let to = min(other.end, span.end)
            if to > from {
                covered += to - from
                reached = to
            }
        }
        return span.duration - covered
    }
}
