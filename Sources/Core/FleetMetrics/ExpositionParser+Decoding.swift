/// An exemplar with its labels decoded.
package struct Exemplar: Hashable, Sendable {
    package var labels: SeriesLabels
    package var value: Double
    /// Milliseconds since the Unix epoch.
    package var time: Int64?
}

extension ExpositionParser {
    /// Value of the current sample.
    package var value: Double { sample.value }

    /// Time of the current sample in milliseconds since the Unix epoch, when the exposition gives one.
    package var time: Int64? { sample.time }

    /// `name{…}` of the current sample as written.
    package var seriesText: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes[sample.series]) }

    /// True when the current sample belongs to the series that was passed to `next(expecting:)`.
    package var isExpectedSeries: Bool { sample.isExpected }

    /// The metric family of the current metadata entry.
    package var metadataName: String { unescaped(metadata.name) }

    /// The text of the current `.help` or `.unit` entry.
    package var metadataText: String { unescaped(metadata.text, quotes: format == .openMetrics) }

    /// Labels of the current sample, metric name included, in canonical form.
    ///
    /// Throws when a label name occurs twice: Prometheus' parser lets that pass and its storage fails the scrape.
    package func labels() throws(ExpositionError) -> SeriesLabels {
        var pairs: [SeriesLabels.Pair] = []
        pairs.reserveCapacity(sample.spans.count + 1)
        pairs.append((SeriesLabels.metricName, unescaped(sample.name)))
        for span in sample.spans { pairs.append((unescaped(span.name), unescaped(span.value))) }
        pairs.sort { $0.name < $1.name }
        for index in pairs.indices.dropFirst() where pairs[index].name == pairs[index - 1].name {
            throw failure(.duplicateLabelName(pairs[index].name), at: sample.series.lowerBound)
        }
        pairs.removeAll { $0.value.isEmpty }
        return SeriesLabels(canonical: pairs)
    }

    package var exemplar: Exemplar? {
        guard let raw = sample.exemplar else { return nil }
        let pairs = exemplarSpans.map { (unescaped($0.name), unescaped($0.value)) }
        return Exemplar(labels: SeriesLabels(pairs), value: raw.value, time: raw.time)
    }

    /// Text with `\\`, `\n` and (when `quotes`) `\"` replaced; any other backslash stays.
    private func unescaped(_ range: Range<Int>, quotes: Bool = true) -> String {
        let slice = bytes[range]
        guard slice.contains(UInt8(ascii: "\\")) else { return String(decoding: slice, as: UTF8.self) }
        var result: [UInt8] = []
        result.reserveCapacity(slice.count)
        var index = slice.startIndex
        while index < slice.endIndex {
            let next = index + 1 < slice.endIndex ? slice[index + 1] : 0
            let escaped: UInt8? =
                switch next {
                case UInt8(ascii: "\\"): next
                case UInt8(ascii: "n"): UInt8(ascii: "\n")
                case UInt8(ascii: "\"") where quotes: next
                default: nil
                }
            if slice[index] == UInt8(ascii: "\\"), let escaped {
                result.append(escaped)
                index += 2
            } else {
                result.append(slice[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension ExpositionParser {
    /// Identifies the current metadata entry without decoding it.
    func metadataHash(of entry: Entry) -> UInt64 {
        let kind: UInt64 =
            switch entry {
            case .sample: 0
            case .type: 1
            case .help: 2
            case .unit: 3
            }
        let name = RawBytes.hash(UnsafeBufferPointer(rebasing: bytes[metadata.name]), seed: kind)
        return RawBytes.hash(UnsafeBufferPointer(rebasing: bytes[metadata.text]), seed: name)
    }
}
