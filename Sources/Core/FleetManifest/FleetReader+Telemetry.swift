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
        spec.rate = expression(tree["rate"], "\"rate\"", reader) ?? spec.rate
        spec.p95 = expression(tree["p95"], "\"p95\"", reader) ?? spec.p95
        spec.errors = expression(tree["errors"], "\"errors\"", reader) ?? spec.errors
        return spec
    }

    /// PromQL. An empty one is left to whoever wanted one.
    private func expression(_ tree: YAMLTree?, _ what: String, _ reader: ManifestReader) -> String? {
        let before = findings.noticed
        guard let tree, let text = reader.string(tree, what), findings.noticed == before else { return nil }
        if !text.isEmpty, let problem = checkExpression(text) { findings.error(.badValue, at: tree.place, problem) }
        return text
    }

    func panels(_ tree: YAMLTree?, _ reader: ManifestReader) -> [PanelSpec] {
        (reader.list(tree, "\"panels\"") ?? []).compactMap { item in
            guard let given = reader.entries(item, "a panel", keys: .panel) else { return nil }
            let before = findings.noticed
            guard let expression = expression(given["expr"], "\"expr\"", reader), !expression.isEmpty else {
                if findings.noticed == before { findings.error(.missing, at: item.place, "a panel needs \"expr\"") }
                return nil
            }
            return PanelSpec(title: reader.string(given["title"], "\"title\"") ?? expression, expression: expression)
        }
    }
}
