/// Why an exposition body was refused, and where.
package struct ExpositionError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        case expectedStartOfLine
        case expectedMetricName
        case expectedMetadataText
        case unknownMetricType(String)
        case unitIsNotASuffix
        case invalidUTF8
        case expectedLabelName
        case expectedEqual
        case expectedLabelValue
        case expectedCommaOrBrace
        case metricNameSetTwice
        case metricNameMissing
        case expectedValue
        case invalidNumber
        case invalidTimestamp
        case expectedEndOfLine
        case exemplarNotAllowed
        case missingEOF
        case dataAfterEOF
        case duplicateLabelName(String)
    }

    package let code: Code
    /// Byte offset into the body.
    package let offset: Int
    /// From 1.
    package let line: Int
}

extension ExpositionError: CustomStringConvertible {
    package var description: String { "line \(line): \(reason)" }

    private var reason: String {
        switch code {
        case .expectedStartOfLine: "expected a metric name, a comment or a brace at the start of the line"
        case .expectedMetricName: "expected a metric name"
        case .expectedMetadataText: "expected text after the metric name"
        case .unknownMetricType(let type): "unknown metric type \"\(type)\""
        case .unitIsNotASuffix: "the unit is not a suffix of the metric name"
        case .invalidUTF8: "invalid UTF-8"
        case .expectedLabelName: "expected a label name"
        case .expectedEqual: "expected \"=\""
        case .expectedLabelValue: "expected a quoted label value"
        case .expectedCommaOrBrace: "expected \",\" or \"}\""
        case .metricNameSetTwice: "the metric name is set twice"
        case .metricNameMissing: "the metric name is missing"
        case .expectedValue: "expected a value"
        case .invalidNumber: "not a number"
        case .invalidTimestamp: "not a timestamp"
        case .expectedEndOfLine: "expected the end of the line"
        case .exemplarNotAllowed: "exemplars are allowed on _total and _bucket only"
        case .missingEOF: "the body does not end with # EOF"
        case .dataAfterEOF: "there is data after # EOF"
        case .duplicateLabelName(let name): "label \"\(name)\" occurs twice"
        }
    }
}
