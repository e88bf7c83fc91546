extension ExpositionParser {
    mutating func nextPrometheusText() throws(ExpositionError) -> Entry? {
        while true {
            skipBlanks()
            let first = byte(index)
            switch first {
            case 0:
                // The end, or a NUL, which Prometheus' lexer takes for the end.
                return nil
            case UInt8(ascii: "\n"):
                index += 1
            case UInt8(ascii: "#"):
                if let entry = try prometheusComment() { return entry }
            default:
                try prometheusSeries()
                try parsePrometheusTail()
                return .sample
            }
        }
    }

    private mutating func prometheusSeries() throws(ExpositionError) {
        let start = index
        let end = endOfName(start, colons: true)
        sample.hasName = end > start
        sample.name = start..<end
        guard sample.hasName || byte(start) == UInt8(ascii: "{") else { throw failure(.expectedStartOfLine) }
        index = end
        sample.series = start..<end
        skipBlanks()
        guard byte(index) == UInt8(ascii: "{") else { return }
        index += 1
        var spans = sample.spans
        sample.spans = []
        defer { sample.spans = spans }
        try parseLabels(LabelRules(isLax: true), into: &spans)
        guard sample.hasName else { throw failure(.metricNameMissing) }
        sample.series = start..<index
    }

    /// `value [timestamp]` up to and including the newline. The end of the body counts as a newline.
    mutating func parsePrometheusTail() throws(ExpositionError) {
        skipBlanks()
        let start = index
        while index < bytes.count, !Self.endsValue(bytes[index]) { index += 1 }
        guard index > start else { throw failure(.expectedValue) }
        sample.value = try number(start..<index)
        sample.time = nil
        skipBlanks()
        if byte(index) &- UInt8(ascii: "0") < 10 {
            sample.time = try milliseconds()
            skipBlanks()
        }
        guard index < bytes.count else { return }
        guard bytes[index] == UInt8(ascii: "\n") else { throw failure(.expectedEndOfLine) }
        index += 1
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
            || byte == UInt8(ascii: "{")
    }

    private mutating func milliseconds() throws(ExpositionError) -> Int64 {
        let start = index
        var time: Int64 = 0
        while byte(index) &- UInt8(ascii: "0") < 10 {
            let (tenfold, overflow) = time.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(Int64(byte(index) - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw failure(.invalidTimestamp, at: start) }
            time = sum
            index += 1
        }
        return time
    }

    /// A line that starts with `#`: metadata, or a comment (`nil`).
    private mutating func prometheusComment() throws(ExpositionError) -> Entry? {
        index += 1
        let hasBlank = byte(index) == UInt8(ascii: " ") || byte(index) == UInt8(ascii: "\t")
        skipBlanks()
        let isHelp = takeKeyword("HELP")
        guard hasBlank, isHelp || takeKeyword("TYPE") else {
            skipLine()
            return nil
        }
        skipBlanks()
        try takeMetadataName()
        skipBlanksBeforeEnd()
        // One blank separates name and text; more belong to the text.
        let textStart = min(index + (byte(index) == UInt8(ascii: "\n") || index >= bytes.count ? 0 : 1), bytes.count)
        skipLine()
        let hasNewline = index > 0 && bytes[index - 1] == UInt8(ascii: "\n")
        metadata.text = min(textStart, hasNewline ? index - 1 : index)..<(hasNewline ? index - 1 : index)
        guard !isHelp else {
            guard isValidUTF8(metadata.text) else { throw failure(.invalidUTF8, at: metadata.text.lowerBound) }
            return .help
        }
        return .type(try metricType())
    }

    /// Blanks that nothing follows are no text.
    private mutating func skipBlanksBeforeEnd() {
        var end = index
        while byte(end) == UInt8(ascii: " ") || byte(end) == UInt8(ascii: "\t") { end += 1 }
        if end >= bytes.count || bytes[end] == UInt8(ascii: "\n") { index = end }
    }

    /// Reads `word` when a blank follows it.
    private mutating func takeKeyword(_ word: StaticString) -> Bool {
        for offset in 0..<word.utf8CodeUnitCount where byte(index + offset) != word.utf8Start[offset] { return false }
        let end = index + word.utf8CodeUnitCount
        guard byte(end) == UInt8(ascii: " ") || byte(end) == UInt8(ascii: "\t") else { return false }
        index = end
        return true
    }

    private mutating func skipLine() {
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
        if index < bytes.count { index += 1 }
    }

    mutating func takeMetadataName() throws(ExpositionError) {
        let start = index
        if byte(start) == UInt8(ascii: "\"") {
            guard let end = endOfQuoted(start, newlines: false, nulls: false) else {
                throw failure(.expectedMetricName)
            }
            metadata.name = start + 1..<end - 1
            index = end
        } else {
            index = endOfName(start, colons: true)
            metadata.name = start..<index
        }
        guard !metadata.name.isEmpty else { throw failure(.expectedMetricName) }
        guard isValidUTF8(metadata.name) else { throw failure(.invalidUTF8, at: start) }
    }

    func metricType() throws(ExpositionError) -> MetricType {
        let word = String(decoding: bytes[metadata.text].prefix(64), as: UTF8.self)
        guard let type = MetricType(word, in: format) else {
            throw failure(.unknownMetricType(word), at: metadata.text.lowerBound)
        }
        return type
    }
}
