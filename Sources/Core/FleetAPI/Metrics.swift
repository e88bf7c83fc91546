package import FleetModel

/// A PromQL query over the embedded store.
package struct MetricQuery: Hashable, Sendable, Codable {
    package var expression: String
    /// The instant, or the end of the range; `nil` = now.
    package var time: Timestamp?
    /// Length of the range; `nil` = an instant query.
    package var range: Duration?
    /// Of a range query; at least 1 ms and at most 11,000 points.
    package var step: Duration

    package init(_ expression: String, time: Timestamp? = nil, range: Duration? = nil, step: Duration = .seconds(5)) {
        self.expression = expression
        self.time = time
        self.range = range
        self.step = step
    }
}

package struct MetricResult: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable { case scalar, string, vector, matrix }

    package var kind: Kind
    package var series: [MetricSeries]
    /// Of a string result.
    package var text: String
    package var warnings: [String]

    package init(kind: Kind, series: [MetricSeries] = [], text: String = "", warnings: [String] = []) {
        self.kind = kind
        self.series = series
        self.text = text
        self.warnings = warnings
    }
}

package struct MetricSeries: Hashable, Sendable, Codable {
    /// With `__name__` when the result has a name.
    package var labels: [String: String]
    /// One for an instant query; ascending in time; a gap is an absent point, never a zero.
    package var points: [MetricPoint]

    package init(labels: [String: String], points: [MetricPoint]) {
        self.labels = labels
        self.points = points
    }
}

/// Encoded as Prometheus does: `[seconds, "value"]`, because JSON has no NaN and no infinity.
package struct MetricPoint: Hashable, Sendable, Codable {
    package var time: Timestamp
    package var value: Double

    package init(time: Timestamp, value: Double) {
        self.time = time
        self.value = value
    }

    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        let seconds = try container.decode(Double.self)
        let text = try container.decode(String.self)
        let milliseconds = (seconds * 1000).rounded()
        time = Timestamp(milliseconds: milliseconds.magnitude < 9e15 ? Int64(milliseconds) : 0)
        value = Self.parse(text)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(Double(time.milliseconds) / 1000)
        try container.encode(Self.text(value))
    }

    private static func parse(_ text: String) -> Double {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        default: Double(text) ?? .nan
        }
    }

    /// `+Inf`, `-Inf`, `NaN`, or the shortest decimal that reads back to the same value.
    package static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), value.magnitude < 1e15 { return String(Int64(value)) }
        return String(value)
    }
}

package struct MetricCatalogue: Hashable, Sendable, Codable {
    package struct Metric: Hashable, Sendable, Codable {
        package var name: String
        /// `counter`, `gauge`, `histogram`, `summary`, `unknown`…
        package var type: String
        package var help: String
        package var seriesCount: Int

        package init(name: String, type: String, help: String, seriesCount: Int) {
            self.name = name
            self.type = type
            self.help = help
            self.seriesCount = seriesCount
        }
    }

    package struct Target: Hashable, Sendable, Codable {
        package var service: ServiceID
        package var url: String
        package var isUp: Bool
        package var lastScrape: Timestamp?
        package var duration: Duration?
        package var samples: Int
        /// Empty when up.
        package var error: String

        package init(
            service: ServiceID,
            url: String,
            isUp: Bool = false,
            lastScrape: Timestamp? = nil,
            duration: Duration? = nil,
            samples: Int = 0,
            error: String = ""
        ) {
            self.service = service
            self.url = url
            self.isUp = isUp
            self.lastScrape = lastScrape
            self.duration = duration
            self.samples = samples
            self.error = error
        }
    }

    package var metrics: [Metric]
    package var targets: [Target]
    package var panels: [PanelSpec]
    package var seriesCount: Int
    package var sampleCount: Int

    package init(
        metrics: [Metric] = [],
        targets: [Target] = [],
        panels: [PanelSpec] = [],
        seriesCount: Int = 0,
        sampleCount: Int = 0
    ) {
        self.metrics = metrics
        self.targets = targets
        self.panels = panels
        self.seriesCount = seriesCount
        self.sampleCount = sampleCount
    }
}
