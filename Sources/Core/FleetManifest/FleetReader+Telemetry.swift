import FleetModel

extension FleetReader {
    func telemetry(_ tree: YAMLTree?, _ reader: ManifestReader) -> TelemetrySpec {
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

    func red(_ tree: YAMLTree?, _ reader: ManifestReader) -> RedSpec {
        var spec = RedSpec()
        guard let tree = reader.entries(tree, "\"red\"", keys: .red) else { return spec }
        spec.rate = reader.string(tree["rate"], "\"rate\"") ?? spec.rate
        spec.p95 = reader.string(tree["p95"], "\"p95\"") ?? spec.p95
        spec.errors = reader.string(tree["errors"], "\"errors\"") ?? spec.errors
        return spec
    }

    func panels(_ tree: YAMLTree?, _ reader: ManifestReader) -> [PanelSpec] {
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
