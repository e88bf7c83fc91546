package import FleetModel

/// Who needs whom, and the orders that follow. Total on any input: edges to unknown services and edges that would close
/// a cycle are left out (the manifest refuses both before).
package struct DependencyGraph: Sendable, Equatable {
    /// Dependencies first; otherwise as in the manifest.
    package let startOrder: [ServiceName]
    private let position: [ServiceName: Int]
    private let needs: [ServiceName: [ServiceName]]
    private let neededBy: [ServiceName: [ServiceName]]

    package init(_ services: [ServiceSpec]) {
        let known = Dictionary(services.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let order = Self.order(services, known)
        let position = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        var needs: [ServiceName: [ServiceName]] = [:]
        var neededBy: [ServiceName: [ServiceName]] = [:]
        for name in order {
            guard let spec = known[name], let own = position[name] else { continue }
            for dependency in spec.dependencies {
                guard let other = position[dependency.service], other < own else { continue }
                guard !(needs[name] ?? []).contains(dependency.service) else { continue }
                needs[name, default: []].append(dependency.service)
                neededBy[dependency.service, default: []].append(name)
            }
        }
        startOrder = order
        self.position = position
        self.needs = needs
        self.neededBy = neededBy
    }

    package var stopOrder: [ServiceName] { startOrder.reversed() }

    /// In start order.
    package func dependents(of name: ServiceName, transitive: Bool) -> [ServiceName] {
        inOrder(transitive ? reachable(from: name, by: neededBy) : Set(neededBy[name] ?? []))
    }

    /// In start order.
    package func dependencies(of name: ServiceName, transitive: Bool) -> [ServiceName] {
        inOrder(transitive ? reachable(from: name, by: needs) : Set(needs[name] ?? []))
    }

    private func inOrder(_ names: Set<ServiceName>) -> [ServiceName] {
        names.sorted { (position[$0] ?? 0) < (position[$1] ?? 0) }
    }

    private func reachable(from name: ServiceName, by edges: [ServiceName: [ServiceName]]) -> Set<ServiceName> {
        var found: Set<ServiceName> = []
        var open = edges[name] ?? []
        while let next = open.popLast() {
            if found.insert(next).inserted { open += edges[next] ?? [] }
        }
        return found
    }

    /// Depth first with a stack of our own, so that a long chain cannot overflow the thread's.
    private static func order(_ services: [ServiceSpec], _ known: [ServiceName: ServiceSpec]) -> [ServiceName] {
        var order: [ServiceName] = []
        var seen: Set<ServiceName> = []
        for service in services where !seen.contains(service.name) {
            seen.insert(service.name)
            var stack: [(name: ServiceName, next: Int)] = [(service.name, 0)]
            while let top = stack.last {
                let dependencies = known[top.name]?.dependencies ?? []
                if top.next < dependencies.count {
                    stack[stack.count - 1].next += 1
                    let child = dependencies[top.next].service
                    if known[child] != nil, seen.insert(child).inserted { stack.append((child, 0)) }
                } else {
                    order.append(top.name)
                    stack.removeLast()
                }
            }
        }
        return order
    }
}
