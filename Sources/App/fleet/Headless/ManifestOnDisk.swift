import FleetEngine
import FleetManifest
import FleetModel
import FleetProcesses

/// The engine's manifest, read again with the choices that it was started with.
struct ManifestOnDisk: ManifestSource {
    let path: String
    let choices: ManifestChoices
    let ports: PortBook

    func load() async -> Result<Fleet, ManifestTrouble> {
        do throws(Failure) {
            let outcome = try ManifestFile(path: path, choices: choices, ports: ports).load()
            guard let fleet = outcome.fleet else {
                return .failure(ManifestTrouble(errors: outcome.errors.map(\.description)))
            }
            return .success(fleet)
        } catch {
            return .failure(ManifestTrouble(errors: error.message.split(separator: "\n").map(String.init)))
        }
    }

    func movePort(_ port: String, of service: ServiceName) async throws(PortTrouble) -> Int {
        try ports.move(service: service, port: port)
    }
}
