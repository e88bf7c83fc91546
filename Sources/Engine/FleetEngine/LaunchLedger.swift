import FleetModel
import Synchronization

/// What each instance was last launched with, so that a life is ended in the surroundings it was given even when a reload
/// has changed or removed its service meanwhile; and farewells that a new life of the same name has to wait for.
final class LaunchLedger: Sendable {
    private struct Content {
        var launches: [ServiceID: Launch] = [:]
        var farewells: [ServiceID: Task<Void, Never>] = [:]
    }

    private let content = Mutex(Content())

    func note(_ launch: Launch) { content.withLock { $0.launches[launch.service] = launch } }

    func launch(of service: ServiceID, _ incarnation: Incarnation) -> Launch? {
        content.withLock { $0.launches[service] }.flatMap { $0.incarnation == incarnation ? $0 : nil }
    }

    /// To be called by one task only, in the order of what happens.
    func forget(_ service: ServiceID, farewell: @escaping @Sendable () async -> Void) {
        content.withLock { content in
            content.launches[service] = nil
            let earlier = content.farewells[service]
            content.farewells[service] = Task {
                await earlier?.value
                await farewell()
            }
        }
    }

    /// Returns when nothing is given back any more for an instance of this name that was there before.
    func awaitFarewell(of service: ServiceID) async {
        guard let farewell = content.withLock({ $0.farewells.removeValue(forKey: service) }) else { return }
        await farewell.value
    }
}
