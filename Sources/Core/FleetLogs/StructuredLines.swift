import FleetModel

/// A line that is a JSON object, or begins like one.
struct JSONLine {
    private let line: Bytes
    private(set) var isWhole = false

    init(_ line: Bytes) { self.line = line }

    /// `nil` when the line is no object and has no level where one would stand.
    static func facts(_ line: Bytes) -> LineFacts? {
        var object = JSONLine(line)
        if let severity = object.severity() { return LineFacts(severity: severity, shape: .json) }
        return object.isWhole ? LineFacts(shape: .json) : nil
    }

    /// The first level found among the members, one step deep (`{"log":{"level":…}}` of ECS), so ingest need not read on.
    mutating func severity() -> LogSeverity? {
        var found: LogSeverity?
        var scanner = JSONScanner(line)
        isWhole = scanner.members { key, value in
            found = Self.severity(line, key, value)
            return found == nil
        }
        if found != nil { return found }
        return line.starts(with: "{\"resourceLogs\"") ? exported() : nil
    }

    private static func severity(_ line: Bytes, _ key: Range<Int>, _ value: Range<Int>) -> LogSeverity? {
        let folded = FoldedKey(line.slice(key))
        if folded.isSeverity { return severity(folded, line.slice(value)) }
        guard line.byte(value.lowerBound) == UInt8(ascii: "{"), line.slice(key).equals("log") else { return nil }
        var inner: LogSeverity?
        var scanner = JSONScanner(line, at: value.lowerBound)
        _ = scanner.members { key, value in
            let folded = FoldedKey(line.slice(key))
            if folded.isSeverity { inner = severity(folded, line.slice(value)) }
            return inner == nil
        }
        return inner
    }

    static func severity(_ key: FoldedKey, _ value: Bytes) -> LogSeverity? {
        let inside = value.first == UInt8(ascii: "\"") ? value.slice(1, value.count - 1) : value
        if key == severityNumber { return SeverityWords.number(inside).flatMap(SeverityWords.openTelemetry) }
        // "s" and "l" are levels only when they hold a single letter or a level word.
        if key.length == 1, inside.first?.isDigit ?? true { return nil }
        return SeverityWords.severity(ofValue: inside)
    }

    /// A batch in OTLP's JSON, as the collector's file exporter writes it: the first record's severity.
    private func exported() -> LogSeverity? {
        var from = 0
        while let quote = line.index(of: UInt8(ascii: "\""), from: from) {
            from = quote + 1
            guard line.starts(with: "severityNumber\":", at: from) else { continue }
            var end = from + 16
            while line.byte(end).isDigit { end += 1 }
            return SeverityWords.number(line.slice(from + 16, end)).flatMap(SeverityWords.openTelemetry)
        }
        return nil
    }

    private static let severityNumber = FoldedKey("severitynumber")
}

/// `key=value key="some value"`.
struct LogfmtLine {
    struct Pair {
        var key: Range<Int>
        /// Without quotes.
        var value: Range<Int>
        var isQuoted: Bool
        var end: Int
    }

    private struct Survey {
        var severity: LogSeverity?
        /// Holds a level, a message or a time.
        var isKnown = false
        var count = 0
        /// Nothing but pairs.
        var isPure = true

        var looksLikeLogfmt: Bool { count >= 2 && isKnown || count >= 3 && isPure }
    }

    /// `nil` when the line is not logfmt: it must begin with a pair and hold a level, a message or a time, or consist of
    /// three pairs and nothing else.
    static func facts(_ line: Bytes) -> LineFacts? {
        guard let survey = survey(line), survey.looksLikeLogfmt || survey.severity != nil else { return nil }
        return LineFacts(severity: survey.severity ?? .unspecified, shape: .logfmt)
    }

    /// Behind a time pairs also begin sentences, which stay text but have the level that is named in them.
    static func facts(behindTime line: Bytes) -> LineFacts? {
        guard let survey = survey(line) else { return nil }
        let isLogfmt = survey.isPure && (survey.looksLikeLogfmt || survey.severity != nil)
        guard isLogfmt || survey.severity != nil else { return nil }
        return LineFacts(severity: survey.severity ?? .unspecified, shape: isLogfmt ? .logfmt : .text)
    }

    private static func survey(_ line: Bytes) -> Survey? {
        guard line.byte(0).isAlphanumeric || line.byte(0) == UInt8(ascii: "_"), pair(line, at: 0) != nil else {
            return nil
        }
        var survey = Survey()
        (survey.count, survey.isPure) = pairs(line) { pair in
            let key = FoldedKey(line.slice(pair.key))
            if key.isSeverity, survey.severity == nil {
                survey.severity = JSONLine.severity(key, line.slice(pair.value))
            }
            if !survey.isKnown {
                switch key.role.role {
                case .severity, .message, .time, .openTelemetrySeverity: survey.isKnown = true
                default: break
                }
            }
            return true
        }
        return survey
    }

    /// Visits the pairs that stand in a row from the beginning; words between them are skipped.
    /// - Returns: how many there were, and whether nothing else was there.
    static func pairs(_ line: Bytes, _ visit: (Pair) -> Bool) -> (count: Int, isPure: Bool) {
        var index = 0
        var count = 0
        var isPure = true
        while index < line.count {
            if line[index].isBlank {
                index += 1
                continue
            }
            if let pair = pair(line, at: index) {
                count += 1
                index = pair.end
                guard visit(pair) else { break }
            } else {
                isPure = false
                while index < line.count, !line[index].isBlank { index += 1 }
            }
        }
        return (count, isPure)
    }

    static func pair(_ line: Bytes, at start: Int) -> Pair? {
        var index = start
        while index < line.count, isKeyByte(line[index]), index - start < 64 { index += 1 }
        guard index > start, line.byte(index) == UInt8(ascii: "="),
            line[start].isLetter || line[start] == UInt8(ascii: "_")
        else { return nil }
        let key = start..<index
        index += 1
        if line.byte(index) == UInt8(ascii: "\"") {
            var scanner = JSONScanner(line, at: index)
            guard let inside = scanner.string() else { return nil }
            return Pair(key: key, value: inside, isQuoted: true, end: scanner.index)
        }
        let valueStart = index
        while index < line.count, !line[index].isBlank { index += 1 }
        return Pair(key: key, value: valueStart..<index, isQuoted: false, end: index)
    }

    /// Pairs anywhere in a line of text: `timeout after 2s attempt=3 trace=4bf92f35…`, `[opentelemetry trace_id="…"]`.
    static func scattered(_ line: Bytes, _ visit: (Pair) -> Bool) {
        var from = 0
        var visits = 0
        while visits < 64, let equals = line.index(of: UInt8(ascii: "="), from: from) {
            from = equals + 1
            var start = equals
            while start > 0, isKeyByte(line[start - 1]), equals - start < 64 { start -= 1 }
            guard start < equals, !line.byte(start - 1).isAlphanumeric, var pair = pair(line, at: start) else {
                continue
            }
            if !pair.isQuoted {
                while pair.value.upperBound > pair.value.lowerBound, isTrailing(line[pair.value.upperBound - 1]) {
                    pair.value = pair.value.lowerBound..<(pair.value.upperBound - 1)
                }
            }
            from = max(from, pair.end)
            visits += 1
            guard !pair.value.isEmpty || pair.isQuoted else { continue }
            guard visit(pair) else { return }
        }
    }

    private static func isTrailing(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "]") || byte == UInt8(ascii: ")") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
            || byte == UInt8(ascii: ".")
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "/")
    }
}
