internal import CPlatform
package import FleetEngine
internal import FleetManifest
internal import FleetModel

/// The environment of a child, put together in layers; a later layer wins:
/// inherited, colour, environment files, the manifest's variables, injected, and what this host adds to find its
/// children.
package struct ChildEnvironment: Sendable, Hashable {
    /// Every variable with the layer that decided about it, by name. Unset ones are among them, without a value.
    package let entries: [EnvironmentEntry]
    /// What the child sees.
    package let variables: [String: String]

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
        var layers = EnvironmentLayers()
        layers.inherit(launch.spec.environment.inherited, from: inherited)
        if launch.spec.logging.color { layers.askForColour() }
        for file in launch.spec.environment.files {
            for (name, value) in try Self.read(file, inherited: inherited) {
                layers.set(name, value, by: .file(file.path))
            }
        }
        for variable in launch.spec.environment.variables {
            layers.set(variable.name, variable.value, by: variable.isShared ? .shared : .service)
        }
        for (name, value) in launch.injected where !(name.hasPrefix("OTEL_") && layers.isDeclared(name)) {
            layers.set(name, value, by: .injected)
        }
        for (name, value) in host { layers.set(name, value, by: .injected) }
        let entries = layers.entries
        self.entries = entries
        variables = Dictionary(
            entries.compactMap { entry in entry.value.map { (entry.name, $0) } },
            uniquingKeysWith: { $1 }
        )
    }

    /// `NAME=value`, by name.
    package var strings: [String] {
        entries.compactMap { entry in entry.value.map { "\(entry.name)=\($0)" } }
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

/// Variables with their history: which layer decided, and which ones below it had an opinion.
private struct EnvironmentLayers {
    private var byName: [String: EnvironmentEntry] = [:]

    mutating func set(_ name: String, _ value: String?, by layer: EnvironmentEntry.Layer) {
        var hidden: [EnvironmentEntry.Layer] = []
        if let below = byName[name] {
            hidden = below.hidden + (below.layer == layer ? [] : [below.layer])
        }
        byName[name] = EnvironmentEntry(name: name, value: value, layer: layer, hidden: hidden)
    }

    mutating func inherit(_ choice: EnvironmentSpec.Inheritance, from inherited: [String: String]) {
        switch choice {
        case .all: for (name, value) in inherited { set(name, value, by: .inherited) }
        case .nothing: break
        case .only(let names):
            for name in names { if let value = inherited[name] { set(name, value, by: .inherited) } }
        }
    }

    /// Programs that follow neither convention are few; NO_COLOR would win over both.
    mutating func askForColour() {
        if byName["NO_COLOR"] != nil { set("NO_COLOR", nil, by: .injected) }
        set("CLICOLOR_FORCE", "1", by: .injected)
        set("FORCE_COLOR", "1", by: .injected)
    }

    /// Whether the manifest says something about it, be it that it is to be unset.
    func isDeclared(_ name: String) -> Bool {
        switch byName[name]?.layer {
        case .file, .shared, .service: true
        case .inherited, .injected, nil: false
        }
    }

    /// By name. What no environment can carry is left out: an empty name, `=` in a name, a NUL anywhere.
    var entries: [EnvironmentEntry] {
        byName.values.filter { entry in
            !entry.name.isEmpty && !entry.name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "=") })
                && entry.value?.utf8.contains(0) != true
        }
        .sorted { $0.name < $1.name }
    }
}
