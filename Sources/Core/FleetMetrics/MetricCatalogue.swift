/// What expositions say about a metric family.
package struct MetricMetadata: Hashable, Sendable {
    package var type = MetricType.unknown
    package var help = ""
    package var unit = ""

    package init() {}
}

/// Type, help and unit of the metric families seen so far, for the metric list. The last scrape that says something
/// about a family wins. Bounded in families and in the length of a text.
package struct MetricCatalogue: Sendable {
    static let familyLimit = 20_000
    static let textLimit = 1_000

    package private(set) var families: [String: MetricMetadata] = [:]
    /// Families not noted because the limit was reached.
    package private(set) var refusedFamilies = 0

    package init() {}

    /// The metadata of a metric, also of the `_bucket`, `_sum`, `_count`, `_total`… series of a family.
    package subscript(metric: String) -> MetricMetadata? {
        if let exact = families[metric] { return exact }
        for suffix in ["_total", "_bucket", "_sum", "_count", "_created", "_info", "_gsum", "_gcount"]
        where metric.hasSuffix(suffix) {
            return families[String(metric.dropLast(suffix.count))]
        }
        return nil
    }

    mutating func note(_ entry: ExpositionParser.Entry, name: String, text: String) {
        guard families[name] != nil || families.count < Self.familyLimit else {
            refusedFamilies += 1
            return
        }
        let text = String(text.prefix(Self.textLimit))
        switch entry {
        case .type(let type): families[name, default: MetricMetadata()].type = type
        case .help: families[name, default: MetricMetadata()].help = text
        case .unit: families[name, default: MetricMetadata()].unit = text
        case .sample: break
        }
    }

    /// For series that do not come from an exposition.
    package mutating func describe(_ metric: String, type: MetricType, help: String) {
        note(.type(type), name: metric, text: "")
        note(.help, name: metric, text: help)
    }
}
