import FleetModel

/// Services by their place in the start order, and whose machines sit where: the same as the graph and the groups say by
/// name, for what has to be asked at every event.
struct FleetLayout: Sendable, Equatable {
    /// In start order.
    let names: [ServiceName]
    /// Places of those that a service needs, also where the graph left an edge out.
    let needs: [[Int]]
    /// Places of those that need it directly, in start order.
    let neededBy: [[Int]]
    /// Indices of its machines by replica.
    var members: [[Int]]

    init(_ graph: DependencyGraph, _ groups: [ServiceName: ServiceGroup]) {
        let places = Dictionary(uniqueKeysWithValues: graph.startOrder.enumerated().map { ($1, $0) })
        names = graph.startOrder
        needs = names.map { name in (groups[name]?.spec.dependencies ?? []).compactMap { places[$0.service] } }
        neededBy = names.map { name in graph.dependents(of: name, transitive: false).compactMap { places[$0] } }
        members = Array(repeating: [], count: names.count)
    }
}
