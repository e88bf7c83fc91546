import FleetModel

@testable import FleetManifest

/// As the program says it: the path first.
struct Missing: Error, CustomStringConvertible {
    var path: String
    var description: String { "\(path): no such file" }
}

/// Loads `/srv/shop/fleet.yaml` from texts.
func load(
    _ manifest: String,
    files: [String: String] = [:],
    _ change: (inout ManifestOptions) -> Void = { _ in }
) -> ManifestOutcome {
    load(bytes: Array(manifest.utf8), files: files, change)
}

func load(
    bytes: [UInt8],
    files: [String: String] = [:],
    _ change: (inout ManifestOptions) -> Void = { _ in }
) -> ManifestOutcome {
    var options = ManifestOptions(fleetBinaryFolder: "/opt/fleet/bin", stateDirectory: "/var/state")
    change(&options)
    let read: (String) throws -> [UInt8] = { path in
        if path == "/srv/shop/fleet.yaml" { return bytes }
        guard let text = files[path] else { throw Missing(path: path) }
        return Array(text.utf8)
    }
    do {
        return try ManifestLoader.load(path: "/srv/shop/fleet.yaml", options: options, reading: read)
    } catch {
        return ManifestOutcome(fleet: nil, errors: [], warnings: [])
    }
}

/// Everything that is wrong, one line each.
func errors(_ manifest: String, files: [String: String] = [:]) -> [String] {
    load(manifest, files: files).errors.map(\.description)
}

func warnings(_ manifest: String, files: [String: String] = [:]) -> [String] {
    load(manifest, files: files).warnings.map(\.description)
}

/// The one service of a manifest; `body` stands below `  a:`, indented by four.
func service(_ body: String) throws -> ServiceSpec? {
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
    let outcome = load("services:\n  a:\n    command: [a]\n\(lines.joined(separator: "\n"))\n")
    return outcome.fleet?.services.first
}

/// Errors of such a manifest, without the file's name; the body's first line is line 4.
func serviceErrors(_ body: String) -> [String] {
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
    return errors("services:\n  a:\n    command: [a]\n\(lines.joined(separator: "\n"))\n").map {
        String($0.dropFirst("fleet.yaml:".count))
    }
}
