package import FleetModel

/// What a line says, as `String`s: made for the lines that somebody looks at, never at ingest.
package struct DecodedLine: Equatable, Sendable {
    package var shape: LineFacts.Shape = .text
    package var severity: LogSeverity = .unspecified
    /// What the line itself says, if that can be placed on the wall clock.
    package var time: Timestamp?
    package var message: String = ""
    /// At most `LineDecoder.fieldLimit`, nested names joined with dots.
    package var fields: [LogField] = []
    package var traceID: String?
    package var spanID: String?
}

package enum LineDecoder {
    package static let fieldLimit = 128
    /// Objects within objects become dotted names down to here; deeper ones stay JSON text.
    static let deepestObject = 4

    /// Takes one line, with or without escape sequences.
    package static func decode(_ line: UnsafeRawBufferPointer) -> DecodedLine {
        guard line.needsCleaning else { return decode(clean: line) }
        var bytes: [UInt8] = []
        ANSIText.clean(line, into: &bytes)
        return bytes.withUnsafeBytes { decode(clean: $0) }
    }

    package static func decode(_ text: String) -> DecodedLine {
        var copy = text
        return copy.withUTF8 { decode(Bytes($0)) }
    }

    private static func decode(clean line: Bytes) -> DecodedLine {
        let (body, envelope) = LineClassifier.record(line)
        let facts = LineClassifier.facts(line)
        var collected = CollectedFields()
        if body.first == UInt8(ascii: "{"), collectJSON(body, at: 0, prefix: "", depth: 1, into: &collected) {
            return collected.decoded(facts, .json, line: body, time: envelope?.time.time)
        }
        if facts.shape == .logfmt {
            _ = LogfmtLine.pairs(body) { pair in
                collected.add(name: body.slice(pair.key).text, value: text(of: pair, in: body), isText: true)
            }
            return collected.decoded(facts, .logfmt, line: body, time: envelope?.time.time)
        }
        LogfmtLine.scattered(body) { pair in
            collected.add(name: body.slice(pair.key).text, value: text(of: pair, in: body), isText: true)
        }
        return collected.plain(severity: facts.severity, line: line, time: envelope?.time ?? LineTime.leading(body))
    }

    private static func text(of pair: LogfmtLine.Pair, in line: Bytes) -> String {
        let value = line.slice(pair.value)
        return pair.isQuoted ? JSONScanner.unescaped(value) : value.text
    }

    /// - Returns: whether the object was well formed and nothing but blanks follows it.
    private static func collectJSON(
        _ line: Bytes,
        at start: Int,
        prefix: String,
        depth: Int,
        into collected: inout CollectedFields
    ) -> Bool {
        var scanner = JSONScanner(line, at: start)
        let isWhole = scanner.members { key, value in
            let name = prefix + JSONScanner.unescaped(line.slice(key))
            switch line.byte(value.lowerBound) {
            case UInt8(ascii: "{") where depth < deepestObject:
                return collectJSON(line, at: value.lowerBound, prefix: name + ".", depth: depth + 1, into: &collected)
            case UInt8(ascii: "\""):
                let inside = line.slice(value.lowerBound + 1, value.upperBound - 1)
                return collected.add(name: name, value: JSONScanner.unescaped(inside), isText: true)
            default:
                return collected.add(name: name, value: line.slice(value).text, isText: false)
            }
        }
        guard depth == 1 else { return isWhole }
        scanner.skipBlanks()
        return isWhole && scanner.index == line.count
    }
}

/// Fields in the order of the line, with the best candidate of each role.
struct CollectedFields {
    private struct Candidate {
        var index: Int
        var rank: Int
    }

    private var fields: [LogField] = []
    private var message: Candidate?
    private var time: Candidate?
    private var severity: Candidate?
    private var trace: Candidate?
    private var span: Candidate?
    private var traceID: String?
    private var spanID: String?

    /// - Returns: true; fields beyond the limit are left out, and the walk goes on so that the line is still checked.
    mutating func add(name: String, value: String, isText: Bool) -> Bool {
        guard fields.count < LineDecoder.fieldLimit else { return true }
        let cleanName = ANSIText.clean(name)
        let cleanValue = isText ? ANSIText.clean(value) : value
        let index = fields.count
        fields.append(LogField(name: cleanName, value: cleanValue))
        var copy = cleanName
        let found = copy.withUTF8 { FoldedKey(Bytes($0)).role }
        switch found.role {
        case .message where isText: Self.prefer(Candidate(index: index, rank: found.rank), over: &message)
        case .time: Self.prefer(Candidate(index: index, rank: found.rank), over: &time)
        case .severity: addSeverity(cleanValue, index: index, rank: found.rank)
        case .openTelemetrySeverity: Self.prefer(Candidate(index: index, rank: 20), over: &severity)
        case .trace, .datadogTrace: addTrace(cleanValue, found.role, index: index, rank: found.rank)
        case .span, .datadogSpan: addSpan(cleanValue, found.role, index: index, rank: found.rank)
        case .traceparent: addTraceparent(cleanValue, index: index)
        case .message, .other: break
        }
        return true
    }

    /// `envelope` is the time in front of the line, for lines without one of their own.
    func decoded(_ facts: LineFacts, _ shape: LineFacts.Shape, line: Bytes, time envelope: Timestamp?) -> DecodedLine {
        var result = DecodedLine(shape: shape, severity: facts.severity, traceID: traceID, spanID: spanID)
        let roles = [message, time, self.severity, trace, span].compactMap { $0?.index }
        result.fields = fields.indices.filter { !roles.contains($0) }.map { fields[$0] }
        result.message = message.map { fields[$0.index].value } ?? Self.summary(result.fields, line: line)
        result.time = time.flatMap { FieldTime.timestamp(fields[$0.index]) } ?? envelope
        return result
    }

    /// A line of text keeps its words; the pairs in it are shown besides.
    func plain(severity: LogSeverity, line: Bytes, time: LineTime?) -> DecodedLine {
        DecodedLine(
            severity: severity,
            time: time?.time,
            message: line.text,
            fields: fields,
            traceID: traceID,
            spanID: spanID
        )
    }

    /// A structured line without a message is told by its fields.
    private static func summary(_ fields: [LogField], line: Bytes) -> String {
        fields.isEmpty ? line.text : fields.prefix(12).map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }

    private static func prefer(_ candidate: Candidate, over current: inout Candidate?) {
        if current.map({ candidate.rank < $0.rank }) ?? true { current = candidate }
    }

    private mutating func addSeverity(_ value: String, index: Int, rank: Int) {
        guard SeverityWords.severity(named: value) != nil else { return }
        Self.prefer(Candidate(index: index, rank: rank), over: &severity)
    }

    private mutating func addTrace(_ value: String, _ role: FieldRole, index: Int, rank: Int) {
        guard trace == nil, let id = TraceText.traceID(value, isDatadog: role == .datadogTrace) else { return }
        trace = Candidate(index: index, rank: rank)
        traceID = id
    }

    private mutating func addSpan(_ value: String, _ role: FieldRole, index: Int, rank: Int) {
        guard span == nil, let id = TraceText.spanID(value, isDatadog: role == .datadogSpan) else { return }
        span = Candidate(index: index, rank: rank)
        spanID = id
    }

    private mutating func addTraceparent(_ value: String, index: Int) {
        guard trace == nil, let ids = TraceText.traceparent(value) else { return }
        trace = Candidate(index: index, rank: 0)
        traceID = ids.trace
        spanID = ids.span
    }
}
