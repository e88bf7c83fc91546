/// A Prometheus configuration. It starts nothing, so it becomes a manifest to include: how often is scraped. Which
/// service stands behind a target is for people to say.
struct PrometheusImport {
    private let root: YAMLTree
    private let log: ImportLog
    private let values: ImportValues

    init(root: YAMLTree, log: ImportLog) {
        self.root = root
        self.log = log
        // Prometheus replaces nothing here but external labels.
        values = ImportValues(log: log, grammar: .literal)
    }

    func draft() -> Draft {
        let global = root["global"]
        let path = ImportPath("global")
        // Prometheus' own defaults.
        let interval = duration(global?["scrape_interval"], path / "scrape_interval") ?? "1m"
        let timeout = duration(global?["scrape_timeout"], path / "scrape_timeout") ?? "10s"
        var scrape = DraftMapping()
        scrape.put("interval", interval)
        if Quantity.duration(timeout) ?? .zero <= Quantity.duration(interval) ?? .zero {
            scrape.put("timeout", timeout)
        }
        for entry in global?.entries ?? [] where !["scrape_interval", "scrape_timeout"].contains(entry.key) {
            log.note(path / entry.key, at: entry.place, "has no counterpart in fleet")
        }
        for entry in root.entries ?? [] where !["global", "scrape_configs"].contains(entry.key) {
            log.note(ImportPath("") / entry.key, at: entry.place, "has no counterpart in fleet")
        }
        for (path, job) in values.items(root["scrape_configs"], ImportPath("scrape_configs")) { note(job, path) }
        return .mapping([
            Draft.Entry(
                key: "telemetry",
                value: .mapping([Draft.Entry(key: "scrape", value: scrape.draft)])
            )
        ])
    }

    private func duration(_ tree: YAMLTree?, _ path: ImportPath) -> String? {
        guard case .text(let text)? = values.duration(tree, path, isPositive: true) else { return nil }
        return Quantity.duration(text) == nil ? nil : text
    }

    /// Says what to write where instead.
    private func note(_ job: YAMLTree, _ path: ImportPath) {
        let name = values.text(job["job_name"], path / "job_name") ?? ""
        let metricsPath = values.filled(job["metrics_path"], path / "metrics_path") ?? "/metrics"
        let targets = values.items(job["static_configs"], path / "static_configs").flatMap { path, config in
            values.texts(config["targets"], path / "targets").map { ($0, config.place) }
        }
        guard !targets.isEmpty else {
            log.note(
                path,
                at: job.place,
                "job \(ImportLog.quoted(name)): only static targets can be told apart; left out"
            )
            return
        }
        for (target, place) in targets {
            let port = target.split(separator: ":").last.flatMap { Quantity.integer(String($0)) } ?? 80
            let metrics = "metrics: {port: \(port), path: \(ImportLog.quoted(metricsPath).dropFirst().dropLast())}"
            let message = "target \(ImportLog.quoted(target)): give the service that listens there \"\(metrics)\""
            log.note(path, at: place, message)
        }
    }
}
