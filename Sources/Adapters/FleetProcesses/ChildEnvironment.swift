internal import CPlatform
package import FleetEngine
internal import FleetManifest
internal import FleetModel

/// The environment of a child, put together in layers; a later layer wins:
/// inherited, colour, environment files, the manifest's variables, injected, and what this host adds to find its
/// children.
package struct ChildEnvironment: Sendable, Hashable {
    package private(set) var variables: [String: String] = [:]

    /// Where `execvp` looks when PATH is not set.
    static let defaultPath = "/usr/local/bin:/usr/bin:/bin"

    /// - Parameters:
    ///   - launch: the manifest's layers and what the engine injects.
    ///   - inherited: the engine's own environment.
    ///   - host: added last; nothing overrides it.
    /// - Throws: `.blocked` when a required environment file is missing. Files are read at every start.
    package init(
        _ launch: Launch,
        inherited: [String: String],
        host: [String: String] = [:]
    ) throws(SpawnFailure) {
        let spec = launch.spec.environment
        switch spec.inherited {
        case .all: variables = inherited
        case .nothing: break
        case .only(let names): for name in names { variables[name] = inherited[name] }
        }
        if launch.spec.logging.color {
            variables["NO_COLOR"] = nil
            variables["CLICOLOR_FORCE"] = "1"
            variables["FORCE_COLOR"] = "1"
        }
        var declared: Set<String> = []
        for file in spec.files {
            for (name, value) in try Self.read(file, inherited: inherited) {
                variables[name] = value
                declared.insert(name)
            }
        }
        for variable in spec.variables {
            variables[variable.name] = variable.value
            declared.insert(variable.name)
        }
        for (name, value) in launch.injected where !(name.hasPrefix("OTEL_") && declared.contains(name)) {
            variables[name] = value
        }
        variables.merge(host) { $1 }
    }

    /// `NAME=value`, sorted. What no environment can carry is left out: an empty name, `=` in a name, a NUL anywhere.
    package var strings: [String] {
        variables.compactMap { name, value in
            guard !name.isEmpty, !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "=") }),
                !value.utf8.contains(0)
            else { return nil }
            return "\(name)=\(value)"
        }
        .sorted()
    }

    private static func read(
        _ file: EnvironmentSpec.File,
        inherited: [String: String]
    ) throws(SpawnFailure) -> [(name: String, value: String)] {
        guard let bytes = SmallFile.read(file.path) else {
            if file.isRequired { throw .blocked("environment file \(file.path) is missing or cannot be read") }
            return []
        }
        return EnvironmentFile.parse(bytes, lookup: { inherited[$0] }).variables.map { ($0.name, $0.value) }
    }

    /// The environment of this process.
    package static var ofThisProcess: [String: String] {
        var variables: [String: String] = [:]
        var next = fleet_environment()
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next = next.advanced(by: 1)
        }
        return variables
    }
}
