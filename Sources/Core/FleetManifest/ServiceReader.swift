import FleetModel

/// Turns one service's mapping, defaults merged in, into its specification.
struct ServiceReader {
    let reader: ManifestReader
    let surroundings: Surroundings

    /// What a service takes from the manifest around it.
    struct Surroundings {
        var telemetry = TelemetrySpec()
        /// Folder of each file by its display name: paths are relative to the file they are written in.
        var folders: [String: String]
        var manifestFolder: String
        var sharedVariables: [EnvironmentSpec.Variable] = []
        var sharedFiles: [EnvironmentSpec.File] = []
        var activeProfiles: Set<String>
        var checkPattern: (String) -> String? = { _ in nil }
        var knowsTimeZone: (String) -> Bool = { _ in true }
        var mentions = MentionedPaths()
    }

    var findings: Findings { reader.findings }

    /// - Parameters:
    ///   - entry: name and mapping.
    ///   - declared: its ports and replicas, read before everything else because others refer to them.
    ///   - defaultEnvironment: the `environment` of the defaults, which is layered instead of merged.
    /// - Returns: nil when it has no usable command; the findings say so.
    func spec(_ entry: YAMLTree.Entry, _ declared: DeclaredPorts, defaultEnvironment: YAMLTree?) -> PlacedService? {
        let ports = declared.list
        let name = entry.key
        guard let tree = reader.entries(entry.value, "service \"\(name)\"", keys: .service) else {
            if entry.value.isNull { findings.error(.missing, at: entry.place, "service \"\(name)\" has no command") }
            return nil
        }
        let hadCommand = tree["command"].map { !$0.isNull } ?? false
        let command = reader.command(tree["command"], "\"command\"")
        if !hadCommand { findings.error(.missing, at: entry.place, "service \"\(name)\" has no command") }
        var spec = ServiceSpec(
            name: ServiceName(name),
            command: command ?? .exec([]),
            workingDirectory: folder(tree["working_dir"], of: entry.place)
        )
        spec.replicas = declared.replicas
        spec.ports = ports.map(\.value)
        spec.environment = environment(tree, defaultEnvironment)
        let dependencies = dependencies(tree["depends_on"])
        spec.dependencies = dependencies.map(\.value)
        spec.probes.startup = probe(tree["startup"], "\"startup\"", ports)
        spec.probes.readiness = probe(tree["healthcheck"], "\"healthcheck\"", ports)
        spec.probes.liveness = probe(tree["liveness"], "\"liveness\"", ports)
        spec.restart = restart(tree)
        spec.stop = stop(tree)
        spec.successExitCodes = exitCodes(tree["success_exit_codes"]) ?? spec.successExitCodes
        spec.scrape = scrape(tree["metrics"], ports)
        spec.logging = logging(tree["logging"])
        readDisplay(tree, into: &spec)
        readRunning(tree, into: &spec)
        guard command != nil else { return nil }
        return PlacedService(spec: spec, place: entry.place, ports: ports, dependencies: dependencies, tree: tree)
    }

    /// What people see of it, and whether it takes part.
    private func readDisplay(_ tree: YAMLTree, into spec: inout ServiceSpec) {
        spec.description = reader.string(tree["description"], "\"description\"") ?? ""
        spec.group = reader.string(tree["group"], "\"group\"") ?? ""
        spec.links = links(tree["links"])
        spec.profiles = reader.stringOrStrings(tree["profiles"], "\"profiles\"") ?? []
        let isEnabled = reader.boolean(tree["enabled"], "\"enabled\"") ?? true
        spec.isEnabled =
            isEnabled && (spec.profiles.isEmpty || !surroundings.activeProfiles.isDisjoint(with: spec.profiles))
    }

    /// `replicas`, or what compose calls it: `deploy.replicas` and `scale`. Given more than once they have to agree.
    func replicas(_ tree: YAMLTree) -> Int? {
        let deploy = tree["deploy"].flatMap { $0.entries == nil ? nil : $0 }
        let spellings = [
            ("replicas", tree["replicas"]), ("scale", tree["scale"]), ("deploy.replicas", deploy?["replicas"]),
        ]
        var known: (name: String, count: Int)?
        for (name, given) in spellings {
            guard let given, let count = reader.integer(given, "\"\(name)\"", in: 0...1000) else { continue }
            if let known, known.count != count {
                findings.error(
                    .badValue,
                    at: given.place,
                    "\"\(name): \(count)\" and \"\(known.name): \(known.count)\" disagree"
                )
            }
            known = known ?? (name, count)
        }
        return known?.count
    }

    /// A path relative to the file that names it.
    func path(_ text: String, writtenAt place: Place) -> String {
        PathText.join(surroundings.folders[place.file] ?? surroundings.manifestFolder, text)
    }

    private func folder(_ tree: YAMLTree?, of service: Place) -> String {
        guard let tree, let text = reader.string(tree, "\"working_dir\""), !text.isEmpty else {
            return path(".", writtenAt: service)
        }
        let folder = path(text, writtenAt: tree.place)
        surroundings.mentions.add(folder, .workingDirectory, text, at: tree.place)
        return folder
    }

    private func links(_ tree: YAMLTree?) -> [String: String] {
        var links: [String: String] = [:]
        for entry in reader.pairs(tree, "\"links\"") ?? [] {
            links[entry.key] = reader.string(entry.value, "link \"\(entry.key)\"") ?? ""
        }
        return links
    }

    private func exitCodes(_ tree: YAMLTree?) -> Set<Int32>? {
        guard let tree, !tree.isNull else { return nil }
        let items: [YAMLTree]
        if case .list(let list, _) = tree { items = list } else { items = [tree] }
        let codes = items.compactMap { reader.integer($0, "\"success_exit_codes\"", in: 0...255) }
        return Set(codes.map { Int32($0) })
    }

    private func logging(_ tree: YAMLTree?) -> LoggingSpec {
        var spec = LoggingSpec()
        spec.format = surroundings.telemetry.logFormat
        guard let tree = reader.entries(tree, "\"logging\"", keys: .logging) else { return spec }
        spec.maxSegmentBytes =
            reader.bytes(tree["max_size"], "\"max_size\"", in: 4096...(1 << 40)) ?? spec.maxSegmentBytes
        spec.maxSegments = reader.integer(tree["max_file"], "\"max_file\"", in: 1...10_000) ?? spec.maxSegments
        spec.color = reader.boolean(tree["color"], "\"color\"") ?? spec.color
        spec.format = reader.choice(tree["format"], "\"format\"") ?? spec.format
        return spec
    }

    private func scrape(_ tree: YAMLTree?, _ ports: [PlacedPort]) -> ScrapeSpec? {
        guard let given = reader.entries(tree, "\"metrics\"", keys: .metrics) else { return nil }
        guard let port = portNumber(given["port"], "\"metrics\"", ports, at: given.place)?.number else { return nil }
        let interval = reader.duration(given["interval"], "\"interval\"", isPositive: true)
        let timeout = reader.duration(given["timeout"], "\"timeout\"", isPositive: true)
        let every = interval ?? surroundings.telemetry.scrapeInterval
        if let timeout, timeout > every, let place = given["timeout"]?.place {
            findings.error(.badValue, at: place, "\"timeout\" is longer than the interval between two scrapes")
        }
        return ScrapeSpec(
            port: port,
            path: urlPath(given["path"]) ?? "/metrics",
            interval: every,
            timeout: timeout ?? min(every, surroundings.telemetry.scrapeTimeout)
        )
    }

    func urlPath(_ tree: YAMLTree?) -> String? {
        guard let tree, let path = reader.string(tree, "\"path\"") else { return nil }
        if path.hasPrefix("/"), !path.utf8.contains(where: { $0 <= 32 || $0 == 127 }) { return path }
        findings.error(
            .badValue,
            at: tree.place,
            "\"path\" begins with / and has no blanks, unlike \"\(path.prefix(60))\""
        )
        return nil
    }
}

/// A service with the places that checks across services point at.
struct PlacedService {
    var spec: ServiceSpec
    var place: Place
    var ports: [PlacedPort]
    var dependencies: [PlacedDependency]
    var tree: YAMLTree
}
