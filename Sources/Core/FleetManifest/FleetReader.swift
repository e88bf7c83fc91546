import FleetModel

/// Turns the whole tree, includes and merge keys resolved, into a fleet.
struct FleetReader {
    let findings: Findings
    let isStrict: Bool
    let variable: (String) -> String?
    var surroundings: ServiceReader.Surroundings

    /// `ports` is nil while the ports themselves are read.
    private func reader(_ ports: [String: [PlacedPort]]?) -> ManifestReader {
        ManifestReader(findings: findings, isStrict: isStrict, variable: variable) { service, name in
            guard let ports else { return .tooEarly }
            guard let known = ports[service] else {
                return .unknownService(hint: NearestName.hint(service, among: ports.keys.sorted()))
            }
            if let port = known.first(where: { $0.value.name == name }) { return .number(port.value.number) }
            return .unknownPort(hint: NearestName.hint(name, among: known.map(\.value.name)))
        }
    }

    mutating func fleet(_ tree: YAMLTree, path: String) -> (fleet: Fleet, services: [PlacedService]) {
        let root = reader(nil).entries(tree, "a manifest", keys: .top) ?? .mapping([], tree.place)
        let defaults = reader(nil).entries(root["defaults"], "\"defaults\"", keys: .service)
        let entries = serviceEntries(root, defaults)
        let early = ServiceReader(reader: reader(nil), surroundings: surroundings)
        var ports: [String: [PlacedPort]] = [:]
        for entry in entries { ports[entry.key] = early.ports(entry.value["ports"]) }

        let reader = reader(ports)
        var fleet = Fleet(name: name(root, reader), manifestPath: path, services: [])
        fleet.telemetry = telemetry(root["telemetry"], reader)
        fleet.red = red(root["red"], reader)
        fleet.panels = panels(root["panels"], reader)
        surroundings.telemetry = fleet.telemetry
        let shared = ServiceReader(reader: reader, surroundings: surroundings)
        surroundings.sharedVariables = shared.variables(root["environment"])
        surroundings.sharedFiles = shared.files(root["env_file"])

        let services = ServiceReader(reader: reader, surroundings: surroundings)
        let placed = entries.compactMap {
            services.spec($0, ports: ports[$0.key] ?? [], defaultEnvironment: defaults?["environment"])
        }
        fleet.services = placed.map(\.spec)
        return (fleet, placed)
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

    /// A service over the defaults. Environments are layered later, and what a probe asks replaces what the default asks.
    private static func layered(_ service: YAMLTree, over defaults: YAMLTree?) -> YAMLTree {
        guard var base = defaults?.removing(["environment"]), service.entries != nil else { return service }
        for key in ["startup", "healthcheck", "liveness"] {
            guard let own = service[key], let common = base[key] else { continue }
            if own.entries?.contains(where: { KnownKeys.probeKinds.contains($0.key) }) ?? false {
                base = base.setting(key, to: common.removing(KnownKeys.probeKinds))
            }
        }
        return base.merged(with: service)
    }

    // MARK: - Telemetry

    private func telemetry(_ tree: YAMLTree?, _ reader: ManifestReader) -> TelemetrySpec {
        var spec = TelemetrySpec()
        guard let tree = reader.entries(tree, "\"telemetry\"", keys: .telemetry) else { return spec }
        if let otlp = reader.entries(tree["otlp"], "\"otlp\"", keys: .otlp) {
            spec.otlpHTTPPort = reader.integer(otlp["http"], "\"http\"", in: 0...65_535) ?? spec.otlpHTTPPort
        }
        if let scrape = reader.entries(tree["scrape"], "\"scrape\"", keys: .scrape) {
            spec.scrapeInterval =
                reader.duration(scrape["interval"], "\"interval\"", isPositive: true) ?? spec.scrapeInterval
            let timeout = reader.duration(scrape["timeout"], "\"timeout\"", isPositive: true)
            if let timeout, timeout > spec.scrapeInterval, let place = scrape["timeout"]?.place {
                findings.error(.badValue, at: place, "\"timeout\" is longer than the interval between two scrapes")
            }
            spec.scrapeTimeout = timeout ?? min(spec.scrapeTimeout, spec.scrapeInterval)
            spec.sampleLimit =
                reader.integer(scrape["sample_limit"], "\"sample_limit\"", in: 1...100_000_000) ?? spec.sampleLimit
            spec.bodyLimit =
                reader.bytes(scrape["body_limit"], "\"body_limit\"", in: 1024...(1 << 32)) ?? spec.bodyLimit
        }
        if let retention = reader.entries(tree["retention"], "\"retention\"", keys: .retention) {
            let sizes = (1 << 20)...(1 << 40)
            spec.logBytes = reader.bytes(retention["logs"], "\"logs\"", in: sizes) ?? spec.logBytes
            spec.traceBytes = reader.bytes(retention["traces"], "\"traces\"", in: sizes) ?? spec.traceBytes
            spec.metricRetention =
                reader.duration(retention["metrics"], "\"metrics\"", isPositive: true) ?? spec.metricRetention
        }
        spec.logFormat = reader.choice(tree["log_format"], "\"log_format\"") ?? spec.logFormat
        return spec
    }

    private func red(_ tree: YAMLTree?, _ reader: ManifestReader) -> RedSpec {
        var spec = RedSpec()
        guard let tree = reader.entries(tree, "\"red\"", keys: .red) else { return spec }
        spec.rate = reader.string(tree["rate"], "\"rate\"") ?? spec.rate
        spec.p95 = reader.string(tree["p95"], "\"p95\"") ?? spec.p95
        spec.errors = reader.string(tree["errors"], "\"errors\"") ?? spec.errors
        return spec
    }

    private func panels(_ tree: YAMLTree?, _ reader: ManifestReader) -> [PanelSpec] {
        (reader.list(tree, "\"panels\"") ?? []).compactMap { item in
            guard let given = reader.entries(item, "a panel", keys: .panel) else { return nil }
            guard let expression = reader.string(given["expr"], "\"expr\""), !expression.isEmpty else {
                findings.error(.missing, at: item.place, "a panel needs \"expr\"")
                return nil
            }
            return PanelSpec(title: reader.string(given["title"], "\"title\"") ?? expression, expression: expression)
        }
    }
}
