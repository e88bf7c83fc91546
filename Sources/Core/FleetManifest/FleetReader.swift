import FleetModel

/// Turns the whole tree, includes and merge keys resolved, into a fleet.
struct FleetReader {
    let findings: Findings
    let isStrict: Bool
    let variable: (String) -> String?
    let allocatePort: @Sendable (PortRequest) -> Int?
    let checkExpression: (String) -> String?
    var surroundings: ServiceReader.Surroundings

    /// Values that `defaults` and what stands at the top may become when every service has its own copy.
    static let layerLimit = 1_000_000

    /// `ports` is nil while the ports themselves are read.
    private func reader(_ ports: [String: DeclaredPorts]?) -> ManifestReader {
        let services = KnownNames(ports?.keys.map { $0 } ?? [])
        return ManifestReader(findings: findings, isStrict: isStrict, variable: variable) { service, name in
            guard let ports else { return .tooEarly }
            guard let known = ports[service]?.list else { return .unknownService(hint: services.hint(service)) }
            if let port = known.first(where: { $0.value.name == name }) { return .number(port.value.number) }
            return .unknownPort(hint: findings.isFull ? "" : NearestName.hint(name, among: known.map(\.value.name)))
        }
    }

    mutating func fleet(_ tree: YAMLTree, path: String) -> (fleet: Fleet, services: [PlacedService]) {
        let root = reader(nil).entries(tree, "a manifest", keys: .top) ?? .mapping([], tree.place)
        let count = root["services"]?.entries?.count ?? 0
        let given = reader(nil).entries(root["defaults"], "\"defaults\"", keys: .service)
        let defaults =
            isLayerable(given, "\"defaults\"", count) ? given?.keeping(KnownKeys.service.supported) : nil
        let entries = serviceEntries(root, defaults)
        let ports = ports(of: entries)
        let reader = reader(ports)
        var fleet = Fleet(name: name(root, reader), manifestPath: path, services: [])
        fleet.telemetry = telemetry(root["telemetry"], reader)
        fleet.red = red(root["red"], reader)
        fleet.panels = panels(root["panels"], reader)
        fleet.reload = reader.choice(root["reload"], "\"reload\"") ?? fleet.reload
        fleet.shutdownTimeout = reader.duration(root["shutdown_timeout"], "\"shutdown_timeout\"")
        surroundings.telemetry = fleet.telemetry
        readShared(root, reader, services: count)

        let services = ServiceReader(reader: reader, surroundings: surroundings)
        for key in KnownKeys.probes { services.checkTiming(defaults?[key], "\"\(key)\"") }
        let none = DeclaredPorts(list: [], replicas: 1)
        let placed = entries.compactMap {
            services.spec($0, ports[$0.key] ?? none, defaultEnvironment: defaults?["environment"])
        }
        fleet.services = placed.map(\.spec)
        // What could not be read may have had the profile.
        if placed.count == entries.count, !placed.isEmpty { checkProfiles(of: fleet) }
        return (fleet, placed)
    }

    /// A chosen profile that no service has starts less than was meant.
    private func checkProfiles(of fleet: Fleet) {
        let known = Set(fleet.services.flatMap(\.profiles)).union(["default"])
        for profile in surroundings.activeProfiles.subtracting(known).sorted() {
            let hint = NearestName.hint(profile, among: known.sorted())
            let all = "the profiles are \(known.sorted().joined(separator: ", "))"
            findings.error(
                .unknownName,
                at: .whole(PathText.name(of: fleet.manifestPath)),
                "no profile \"\(profile.prefix(80))\"",
                hint: hint.isEmpty ? all : hint
            )
        }
    }

    private func ports(of entries: [YAMLTree.Entry]) -> [String: DeclaredPorts] {
        let early = ServiceReader(reader: reader(nil), surroundings: surroundings)
        var ports: [String: DeclaredPorts] = [:]
        for entry in entries { ports[entry.key] = early.declaredPorts(entry.value) }
        var numbers = PortNumbers(allocate: allocatePort, findings: findings)
        numbers.settle(&ports, in: entries.map(\.key))
        return ports
    }

    /// What the top of the manifest gives to every service.
    private mutating func readShared(_ root: YAMLTree, _ reader: ManifestReader, services: Int) {
        let shared = ServiceReader(reader: reader, surroundings: surroundings)
        if isLayerable(root["environment"], "\"environment\"", services) {
            surroundings.sharedVariables = shared.variables(root["environment"]).map {
                EnvironmentSpec.Variable(name: $0.name, value: $0.value, isShared: true)
            }
        }
        if isLayerable(root["env_file"], "\"env_file\"", services) {
            surroundings.sharedFiles = shared.files(root["env_file"])
        }
    }

    /// Whether each of that many services can have its own copy of this.
    private func isLayerable(_ tree: YAMLTree?, _ what: String, _ services: Int) -> Bool {
        guard let tree, services > 1, tree.count(upTo: Self.layerLimit / services) == nil else { return true }
        findings.error(.badValue, at: tree.place, "\(what) holds too many values for \(services) services")
        return false
    }

    private func name(_ root: YAMLTree, _ reader: ManifestReader) -> String {
        guard let given = root["name"], let name = reader.string(given, "\"name\"") else {
            let folder = PathText.name(of: surroundings.manifestFolder)
            return Self.isName(folder) ? folder : "fleet"
        }
        if !Self.isName(name) { findings.error(.badValue, at: given.place, Self.grammar(name)) }
        return name
    }

    /// A letter or digit, then letters, digits, `-`, `_`, `.`; at most 63 bytes.
    static func isName(_ name: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        guard let first = name.utf8.first, isAlphanumeric(first), name.utf8.count <= 63 else { return false }
        return name.utf8.allSatisfy { isAlphanumeric($0) || [45, 46, 95].contains($0) }
    }

    static func grammar(_ name: String) -> String {
        "\"\(name.prefix(80))\" is no name: a letter or digit, then letters, digits, -, _ and ., at most 63"
    }

    // MARK: - Services

    private func serviceEntries(_ root: YAMLTree, _ defaults: YAMLTree?) -> [YAMLTree.Entry] {
        guard let services = root["services"], !services.isNull else {
            findings.error(.missing, at: root.place, "a manifest needs \"services\"")
            return []
        }
        let entries = (reader(nil).pairs(services, "\"services\"") ?? []).filter { !$0.key.hasPrefix("x-") }
        if entries.isEmpty, services.entries != nil {
            findings.error(.missing, at: services.place, "\"services\" is empty")
        }
        return entries.compactMap { entry in
            guard Self.isName(entry.key) else {
                findings.error(.badValue, at: entry.place, Self.grammar(entry.key))
                return nil
            }
            return YAMLTree.Entry(key: entry.key, place: entry.place, value: Self.layered(entry.value, over: defaults))
        }
    }

    /// A service over the defaults. Environments are layered later. What a probe asks, when a job runs and how many
    /// replicas there are can each be said in several ways: the service's way replaces the default's. When to ask, without
    /// what to ask, is for services that have a probe of their own.
    private static func layered(_ service: YAMLTree, over defaults: YAMLTree?) -> YAMLTree {
        guard var base = defaults?.removing(["environment"]), service.entries != nil else { return service }
        for key in KnownKeys.probes {
            guard let common = base[key] else { continue }
            guard let own = service[key] else {
                if ServiceReader.isTiming(common) { base = base.removing([key]) }
                continue
            }
            if own.entries?.contains(where: { KnownKeys.probeKinds.contains($0.key) }) ?? false {
                base = base.setting(key, to: common.removing(KnownKeys.probeKinds))
            }
        }
        if let own = service["schedule"], let common = base["schedule"],
            own.entries?.contains(where: { KnownKeys.scheduleTriggers.contains($0.key) }) ?? false
        {
            base = base.setting("schedule", to: common.removing(KnownKeys.scheduleTriggers))
        }
        if KnownKeys.replicaKeys.contains(where: { service[$0] != nil }) || service["deploy"]?["replicas"] != nil {
            base = base.removing(KnownKeys.replicaKeys + ["deploy"])
        }
        return base.merged(with: service)
    }
}
