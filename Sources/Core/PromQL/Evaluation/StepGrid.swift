/// The evaluation times of a query or subquery, in milliseconds since the Unix epoch.
struct StepGrid: Hashable, Sendable {
    let start: Int64
    let step: Int64
    let count: Int

    subscript(index: Int) -> Int64 { start &+ Int64(index) &* step }

    var end: Int64 { self[max(count, 1) - 1] }
}
