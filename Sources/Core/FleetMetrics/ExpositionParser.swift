/// Reads an exposition body entry by entry, accepting and refusing exactly what Prometheus' own parsers do.
///
/// Those are laxer than the OpenMetrics specification (they check lines, not families), and real targets depend on it.
/// The parser borrows the bytes: use it inside `withUnsafeBufferPointer` of the body. It reads past no end: every
/// access goes through `byte(_:)`. Nothing is decoded to `String` until the caller asks for it.
package struct ExpositionParser {
    package enum Entry: Hashable, Sendable {
        case sample
        /// `# TYPE`: the family in `metadataName`.
        case type(MetricType)
        /// `# HELP`: name in `metadataName`, text in `metadataText`.
        case help
        case unit
    }

    /// Where one label stands in the body, without the quotes.
    struct LabelSpan {
        var name: Range<Int>
        var value: Range<Int>
    }

    let bytes: UnsafeBufferPointer<UInt8>
    package let format: ExpositionFormat
    var index = 0
    var sample = RawSample()
    var metadata = RawMetadata()
    /// Exemplar labels of the current sample; meaningful while `sample.exemplar` is set.
    var exemplarSpans: [LabelSpan] = []
    private var isFinished = false

    package init(_ bytes: UnsafeBufferPointer<UInt8>, format: ExpositionFormat) {
        self.bytes = bytes
        self.format = format
    }

    /// The next entry, or `nil` at the end of a complete body. After an error the parser is finished.
    ///
    /// `expected` is the raw text of the series that followed the current one in the scrape before. When the line
    /// starts with it, its labels are not parsed again: most lines of a scrape take this way.
    package mutating func next(
        expecting expected: UnsafeBufferPointer<UInt8>? = nil
    ) throws(ExpositionError) -> Entry? {
        guard !isFinished else { return nil }
        sample.exemplar = nil
        let entry: Entry?
        do {
            if let expected, skipSeries(expected) {
                sample.isExpected = true
                try parseSampleTail()
                return .sample
            }
            sample.isExpected = false
            sample.spans.removeAll(keepingCapacity: true)
            entry = format == .openMetrics ? try nextOpenMetrics() : try nextPrometheusText()
        } catch {
            isFinished = true
            throw error
        }
        isFinished = entry == nil
        return entry
    }

    private mutating func skipSeries(_ expected: UnsafeBufferPointer<UInt8>) -> Bool {
        let end = index + expected.count
        guard end < bytes.count, expected.count > 0, byte(end) == UInt8(ascii: " ") else { return false }
        guard RawBytes.areEqual(UnsafeBufferPointer(rebasing: bytes[index..<end]), expected) else { return false }
        // `name {a="b"} 1` is another series than `name 1`, in the format that allows the blank.
        var next = end + 1
        while byte(next) == UInt8(ascii: " ") || byte(next) == UInt8(ascii: "\t") { next += 1 }
        guard byte(next) != UInt8(ascii: "{") else { return false }
        sample.series = index..<end
        index = end
        return true
    }

    mutating func parseSampleTail() throws(ExpositionError) {
        switch format {
        case .prometheusText: try parsePrometheusTail()
        case .openMetrics: try parseOpenMetricsTail()
        }
    }

    /// The byte at `index`; zero past the end, which no rule accepts outside quotes.
    @inline(__always)
    func byte(_ index: Int) -> UInt8 {
        index < bytes.count ? bytes[index] : 0
    }

    func failure(_ code: ExpositionError.Code, at offset: Int? = nil) -> ExpositionError {
        let offset = min(offset ?? index, bytes.count)
        let line = 1 + bytes[..<offset].reduce(into: 0) { if $1 == UInt8(ascii: "\n") { $0 += 1 } }
        return ExpositionError(code: code, offset: offset, line: line)
    }
}

/// The current sample as positions in the body.
struct RawSample {
    /// `name{…}` as written: the key of a series cache.
    var series = 0..<0
    var name = 0..<0
    var hasName = false
    /// True when `series` equals the expected series; `name` and `spans` are not filled in then.
    var isExpected = false
    var spans: [ExpositionParser.LabelSpan] = []
    var value = 0.0
    /// Milliseconds since the Unix epoch, when the exposition gives one.
    var time: Int64?
    var exemplar: RawExemplar?
}

struct RawExemplar {
    var value: Double
    var time: Int64?
}

struct RawMetadata {
    var name = 0..<0
    var text = 0..<0
}
