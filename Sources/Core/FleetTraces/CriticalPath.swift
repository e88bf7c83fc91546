import FleetModel

/// Which spans kept the trace from ending earlier, as Jaeger defines it: from the end of the root backwards, always into the
/// child that finished last. Children are clipped to their parents; those entirely outside are ignored with all below them, and
/// so are consumers, which nobody waits for.
struct CriticalPath {
    struct Stretch: Equatable {
        var position: Int
        var from: Int64
        var to: Int64
    }

    private let tree: SpanTree
    private var starts: [Int64]
    private var ends: [Int64]
    private var isIgnored: [Bool]
    /// By parent: the children that count, last finished first.
    private var finishing: [[Int32]]

    static func stretches(_ spans: [StoredSpan], _ tree: SpanTree, from root: Int) -> [Stretch] {
        guard spans.indices.contains(root) else { return [] }
        var path = CriticalPath(spans, tree)
        return path.walk(from: root)
    }

    private init(_ spans: [StoredSpan], _ tree: SpanTree) {
        self.tree = tree
        starts = spans.map(\.start)
        ends = spans.map(\.end)
        isIgnored = [Bool](repeating: false, count: spans.count)
        finishing = [[Int32]](repeating: [], count: spans.count)
        for position in tree.order.map({ Int($0) }) {
            let parent = Int(tree.parents[position])
            guard parent >= 0 else { continue }
            clip(position, to: parent, isAsynchronous: spans[position].spanKind == .consumer)
        }
        for position in spans.indices {
            let waited = tree.children(of: position).filter { !isIgnored[Int($0)] }
            // By the ends as they were before clipping, as Jaeger does; equal ends keep the order of the starts.
            finishing[position] = waited.sorted { spans[Int($0)].end > spans[Int($1)].end }
        }
    }

    /// Parents come before their children, so they are already clipped.
    private mutating func clip(_ position: Int, to parent: Int, isAsynchronous: Bool) {
        let isOutside =
            starts[position] >= starts[parent]
            ? starts[position] >= ends[parent] : ends[position] <= starts[parent]
        if isIgnored[parent] || isAsynchronous || isOutside {
            isIgnored[position] = true
            return
        }
        starts[position] = max(starts[position], starts[parent])
        ends[position] = min(ends[position], ends[parent])
    }

    private mutating func walk(from root: Int) -> [Stretch] {
        var result: [Stretch] = []
        var next = [Int](repeating: 0, count: starts.count)
        var position = root
        /// Where the walk comes back to a parent: the start of the child it left.
        var returned: Int64?
        while true {
            let end = returned ?? ends[position]
            if let child = child(of: position, endingBefore: returned, &next[position]) {
                if ends[child] != end { result.append(Stretch(position: position, from: ends[child], to: end)) }
                position = child
                returned = nil
            } else {
                if starts[position] != end {
                    result.append(Stretch(position: position, from: starts[position], to: end))
                }
                guard position != root, tree.parents[position] >= 0 else { return result }
                returned = starts[position]
                position = Int(tree.parents[position])
            }
        }
    }

    /// The times asked for only ever decrease, so children passed over need not be looked at again.
    private func child(of position: Int, endingBefore limit: Int64?, _ next: inout Int) -> Int? {
        let candidates = finishing[position]
        while next < candidates.count {
            let child = Int(candidates[next])
            next += 1
            if let limit, ends[child] >= limit { continue }
            return child
        }
        return nil
    }
}
