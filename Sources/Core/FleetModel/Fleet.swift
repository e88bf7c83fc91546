/// The validated manifest.
package struct Fleet: Hashable, Sendable, Codable {
    package var name: String
    /// Absolute path of the manifest; empty when it did not come from a file.
    package var manifestPath: String
    /// In the order of the manifest.
    package var services: [ServiceSpec]
    package var telemetry = TelemetrySpec()
    package var red = RedSpec()
    package var panels: [PanelSpec] = []
    /// What the engine does when the manifest changed on disk.
    package var reload = ReloadMode.prompt
    /// From the order to stop everything to SIGKILL for whatever is left; `nil` = 60 s, or as long as the longest grace
    /// period needs.
    package var shutdownTimeout: Duration?
    /// Every file that the manifest was read from, absolute: itself, its includes, environment files, `.env`.
    package var files: [String] = []

    package enum ReloadMode: String, Hashable, Sendable, Codable, CaseIterable { case prompt, auto, off }

    package init(name: String, manifestPath: String = "", services: [ServiceSpec]) {
        self.name = name
        self.manifestPath = manifestPath
        self.services = services
    }

    package subscript(name: ServiceName) -> ServiceSpec? { services.first { $0.name == name } }
}

package struct TelemetrySpec: Hashable, Sendable, Codable {
    /// Port of the OTLP/HTTP receiver; 0 = any free one.
    package var otlpHTTPPort = 4318
    package var scrapeInterval: Duration = .seconds(5)
    package var scrapeTimeout: Duration = .seconds(2)
    /// More samples than this in one scrape fail it.
    package var sampleLimit = 50_000
    /// A larger body fails the scrape. Bytes.
    package var bodyLimit = 16 << 20
    /// Memory for log lines of all services together. Bytes.
    package var logBytes = 256 << 20
    package var metricRetention: Duration = .seconds(2 * 3600)
    /// Memory for spans. Bytes.
    package var traceBytes = 256 << 20
    package var logFormat = LoggingSpec.Format.auto

    package init() {}
}

/// The PromQL behind the rps, p95 and err% columns. Each must give one series per `service` label.
package struct RedSpec: Hashable, Sendable, Codable {
    /// Requests per second.
    package var rate = "sum by (service) (rate(http_requests_total[1m]))"
    /// Seconds.
    package var p95 = "histogram_quantile(0.95, sum by (service, le) (rate(http_request_duration_seconds_bucket[1m])))"
    /// A ratio, 0…1.
    package var errors = """
        (sum by (service) (rate(http_requests_total{code=~"5.."}[1m])) or 0 * sum by (service) (rate(http_requests_total[1m]))) \
        / (sum by (service) (rate(http_requests_total[1m])) > 0)
        """

    package init() {}
}

package struct PanelSpec: Hashable, Sendable, Codable {
    package var title: String
    package var expression: String

    package init(title: String, expression: String) {
        self.title = title
        self.expression = expression
    }
}
