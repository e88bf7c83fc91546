/// The text grammar that an exposition body is written in.
package enum ExpositionFormat: Hashable, Sendable {
    /// Prometheus text format 0.0.4 and 1.0.0: blanks are free, timestamps are integer milliseconds.
    case prometheusText
    /// OpenMetrics 1.0: single spaces, timestamps in seconds, exemplars, ends with `# EOF`.
    case openMetrics

    /// The format that a `Content-Type` header names; `nil` when it is absent, malformed or not a text format.
    ///
    /// Prometheus 3 fails a scrape in that case. Callers that would rather show the numbers fall back to
    /// `.prometheusText` and warn.
    package static func declared(by contentType: String?) -> ExpositionFormat? {
        guard let contentType else { return nil }
        let mediaType = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        switch mediaType {
        case "text/plain": return .prometheusText
        case "application/openmetrics-text": return .openMetrics
        default: return nil
        }
    }

    /// What to send as `Accept` with a scrape: the formats that we read, in the order of preference of Prometheus 3.
    package static let acceptHeader = """
        application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
        application/openmetrics-text;version=0.0.1;q=0.5,\
        text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2
        """
}
