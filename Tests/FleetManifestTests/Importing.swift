import FleetModel

@testable import FleetManifest

/// Imports a file, and loads what came of it as `/srv/shop/fleet.yaml`.
func imported(
    _ text: String,
    as fileName: String,
    files: [String: String] = [:],
    environment: [String: String] = [:]
) -> (outcome: ImportOutcome, loaded: ManifestOutcome) {
    let outcome = ManifestImport.convert(Array(text.utf8), fileName: fileName)
    return (outcome, load(outcome.manifest, files: files) { $0.environment = environment })
}

extension ImportOutcome {
    var notes: [String] { omissions.map(\.description) }
}

extension ManifestOutcome {
    subscript(name: String) -> ServiceSpec? { fleet?.services.first { $0.name.rawValue == name } }
}
