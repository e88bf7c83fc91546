import CellGrid
import FleetModel

extension ConsoleState {
    /// The colour of a service in every pane: by its place in the manifest, so that the first twelve differ from each
    /// other. Replicas share the colour of their service; names outside the fleet (databases, services of others) have
    /// the one that their text gives.
    func sourceRole(_ name: String) -> Role {
        var place = 0
        var previous: ServiceName?
        for service in snapshot?.services ?? [] {
            // Replicas stand next to each other.
            if let previous, previous != service.name { place += 1 }
            previous = service.name
            if service.name.rawValue == name || service.id.rawValue == name { return .source(place) }
        }
        return .source(named: name)
    }
}

extension Style {
    static func source(of name: String, _ state: ConsoleState) -> Style { Style(state.sourceRole(name)) }
}
