package import FleetEngine
internal import FleetModel

// What a life's environment is, for whoever wants to see it or run something in it.
extension LocalProcessHost {
    /// Without the variables that name the process itself: it has no number yet.
    package func environment(of launch: Launch) async throws(SpawnFailure) -> [EnvironmentEntry] {
        let key = LifeKey(service: launch.service, incarnation: launch.incarnation)
        let host = hostVariables(of: launch).merging(serviceVariables(of: launch, key)) { $1 }
            .filter { $0.value != SpawnRequest.pidPlaceholder }
        return try ChildEnvironment(launch, inherited: settings.inheritedEnvironment, host: host).entries
    }

    /// What this host adds, and nothing overrides: who the process is, and the tags by which it is found again.
    func hostVariables(of launch: Launch) -> [String: String] {
        let key = LifeKey(service: launch.service, incarnation: launch.incarnation)
        return [
            "FLEET_SERVICE": launch.service.rawValue,
            "FLEET_REPLICA": String(launch.replica),
            LifeTag.runVariable: settings.runID,
            LifeTag.variable: LifeTag.value(run: settings.runID, key),
        ]
    }
}
