extension ExpositionParser {
    mutating func nextOpenMetrics() throws(ExpositionError) -> Entry? {
        guard index < bytes.count else { throw failure(.missingEOF) }
        if bytes[index] == UInt8(ascii: "#") { return try openMetricsComment() }
        try openMetricsSeries()
        try parseOpenMetricsTail()
        return .sample
    }

    private mutating func openMetricsSeries() throws(ExpositionError) {
        let start = index
        let end = endOfName(start, colons: true)
        sample.hasName = end > start
        sample.name = start..<end
        index = end
        if byte(index) == UInt8(ascii: "{") {
            index += 1
            var spans = sample.spans
            sample.spans = []
            defer { sample.spans = spans }
            try parseLabels(LabelRules(isLax: false), into: &spans)
            guard sample.hasName else { throw failure(.metricNameMissing) }
        }
        guard sample.hasName else { throw failure(.expectedStartOfLine) }
        sample.series = start..<index
    }

    /// ` value[ timestamp][ # {…} value[ timestamp]]` and the newline, with single spaces only.
    mutating func parseOpenMetricsTail() throws(ExpositionError) {
        sample.value = try number(try word(orThrow: .expectedValue))
        sample.time = nil
        if !startsExemplar, byte(index) == UInt8(ascii: " ") {
            sample.time = try seconds(try word(orThrow: .expectedEndOfLine))
        }
        if startsExemplar {
            index += 4
            try parseExemplar()
        }
        try takeNewline()
    }

    private var startsExemplar: Bool {
        byte(index) == UInt8(ascii: " ") && byte(index + 1) == UInt8(ascii: "#") && byte(index + 2) == UInt8(ascii: " ")
            && byte(index + 3) == UInt8(ascii: "{")
    }

    private mutating func parseExemplar() throws(ExpositionError) {
        // What Prometheus 2.42 requires of the name.
        guard nameEnds("_total") || nameEnds("_bucket") else { throw failure(.exemplarNotAllowed) }
        var spans = exemplarSpans
        exemplarSpans = []
        defer { exemplarSpans = spans }
        spans.removeAll(keepingCapacity: true)
        try parseLabels(LabelRules(isLax: false, isExemplar: true), into: &spans)
        var exemplar = RawExemplar(value: try number(try word(orThrow: .expectedValue)))
        if byte(index) == UInt8(ascii: " ") { exemplar.time = try seconds(try word(orThrow: .expectedEndOfLine)) }
        sample.exemplar = exemplar
    }

    private func nameEnds(_ suffix: StaticString) -> Bool {
        let name = sample.isExpected ? nameOfExpected : sample.name
        let start = name.upperBound - suffix.utf8CodeUnitCount
        guard start >= name.lowerBound else { return false }
        for offset in 0..<suffix.utf8CodeUnitCount where bytes[start + offset] != suffix.utf8Start[offset] {
            return false
        }
        return true
    }

    private var nameOfExpected: Range<Int> {
        let start = sample.series.lowerBound
        guard byte(start) == UInt8(ascii: "{") else { return start..<endOfName(start, colons: true) }
        return start + 2..<max(start + 2, (endOfQuoted(start + 1, newlines: true, nulls: false) ?? start + 3) - 1)
    }

    /// One space and the characters up to the next space or newline.
    private mutating func word(orThrow code: ExpositionError.Code) throws(ExpositionError) -> Range<Int> {
        guard byte(index) == UInt8(ascii: " ") else { throw failure(code) }
        let start = index + 1
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: " "), bytes[end] != UInt8(ascii: "\n") { end += 1 }
        guard end > start else { throw failure(code) }
        index = end
        return start..<end
    }

    private func seconds(_ range: Range<Int>) throws(ExpositionError) -> Int64 {
        guard let seconds = DecimalDouble.parse(bytes, range), seconds.isFinite else {
            throw failure(.invalidTimestamp, at: range.lowerBound)
        }
        // Times beyond the range of milliseconds are legal in the format; no store will take them.
        return Int64(exactly: (seconds * 1000).rounded(.towardZero)) ?? (seconds < 0 ? .min : .max)
    }

    private mutating func takeNewline() throws(ExpositionError) {
        guard index < bytes.count else { throw failure(.missingEOF) }
        guard bytes[index] == UInt8(ascii: "\n") else { throw failure(.expectedEndOfLine) }
        index += 1
    }

    private mutating func openMetricsComment() throws(ExpositionError) -> Entry? {
        let start = index
        if take("# EOF") {
            if byte(index) == UInt8(ascii: "\n") { index += 1 }
            guard index >= bytes.count else { throw failure(.dataAfterEOF) }
            return nil
        }
        let isHelp = take("# HELP ")
        let isType = !isHelp && take("# TYPE ")
        guard isHelp || isType || take("# UNIT ") else { throw failure(.expectedStartOfLine, at: start) }
        try takeMetadataName()
        guard byte(index) == UInt8(ascii: " ") else { throw failure(.expectedMetadataText) }
        let textStart = index + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
        guard index < bytes.count else { throw failure(.expectedMetadataText) }
        metadata.text = textStart..<index
        index += 1
        if isType { return .type(try metricType()) }
        guard isValidUTF8(metadata.text) else { throw failure(.invalidUTF8, at: textStart) }
        guard isHelp || unitIsSuffix else { throw failure(.unitIsNotASuffix, at: textStart) }
        return isHelp ? .help : .unit
    }

    private var unitIsSuffix: Bool {
        let unit = bytes[metadata.text]
        guard !unit.isEmpty else { return true }
        let name = bytes[metadata.name]
        return name.count > unit.count && name.suffix(unit.count).elementsEqual(unit)
            && name[name.endIndex - unit.count - 1] == UInt8(ascii: "_")
    }

    private mutating func take(_ word: StaticString) -> Bool {
        for offset in 0..<word.utf8CodeUnitCount where byte(index + offset) != word.utf8Start[offset] { return false }
        index += word.utf8CodeUnitCount
        return true
    }
}
