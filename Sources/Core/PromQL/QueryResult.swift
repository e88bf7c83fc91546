/// What a query yielded.
package struct QueryResult: Sendable {
    package var value: QueryValue
    /// Something is wrong with the query or the data, with its place in the query.
    package var warnings: [String]
    package var infos: [String]
    /// Samples loaded and produced.
    package var sampleCount: Int
}

/// The value of a query. Times are milliseconds since the Unix epoch.
package enum QueryValue: Sendable {
    case scalar(time: Int64, Double)
    case string(time: Int64, [UInt8])
    /// In the order of `sort` or `topk` when the query ends with them, else sorted by labels.
    case vector([InstantSample])
    /// Sorted by labels.
    case matrix([SampleSeries])
}

/// One series of an instant vector.
package struct InstantSample: Sendable {
    package var labels: Labels
    package var time: Int64
    package var value: Double
}

/// One series of a matrix. Steps without a sample are left out.
package struct SampleSeries: Sendable {
    package var labels: Labels
    package var times: [Int64]
    package var values: [Double]
}
