package import FleetModel

/// What ingest learns of a line without making a `String`: the severity, and what shape the line has.
package struct LineFacts: Equatable, Sendable {
    package enum Shape: UInt8, Sendable {
        case text = 0
        case json = 1
        case logfmt = 2
    }

    package var severity: LogSeverity = .unspecified
    package var shape: Shape = .text
    /// Looks like a part of the record before it: a stack frame, an indented line, `Caused by:`.
    package var isContinuation = false
}

/// Recognises, in this order: JSON, logfmt, both behind a time or a syslog header, klog/glog, syslog priorities, access logs, BSD syslog, a leading time with a level
/// near it, level words, and a few words that programs die with. Expects a line without escape sequences.
package enum LineClassifier {
    package static func facts(_ line: UnsafeRawBufferPointer) -> LineFacts {
        let body = line.slice(composePrefix(line), line.count)
        guard let first = body.first else { return LineFacts() }
        if first == UInt8(ascii: "{"), let found = JSONLine.facts(body) { return found }
        if let found = LogfmtLine.facts(body) { return found }
        let time = LineTime.opening(body)
        guard let time, let envelope = LineEnvelope(body, behind: time) else { return text(body, time) }
        let record = body.slice(envelope.start, body.count)
        if let found = enclosed(record, in: envelope, of: body) { return found }
        return envelope.kind == .container ? text(record, nil) : text(body, time)
    }

    /// The facts of a structured line in an envelope.
    private static func enclosed(_ record: Bytes, in envelope: LineEnvelope, of line: Bytes) -> LineFacts? {
        let isObject = record.first == UInt8(ascii: "{")
        guard var found = isObject ? JSONLine.facts(record) : LogfmtLine.facts(behindTime: record) else { return nil }
        if found.severity == .unspecified, envelope.kind == .syslog {
            found.severity = TextSeverity.severity(line, isIndented: false)
        }
        return found
    }

    private static func text(_ line: Bytes, _ time: LineTime?) -> LineFacts {
        let isContinuation = isContinuation(line)
        let severity = TextSeverity.severity(line, isIndented: isContinuation, opening: time)
        return LineFacts(severity: severity, isContinuation: isContinuation && severity == .unspecified)
    }

    /// The line without what `docker compose` and other transports put in front of a structured one.
    static func record(_ line: Bytes) -> (bytes: Bytes, envelope: LineEnvelope?) {
        let body = line.slice(composePrefix(line), line.count)
        guard let envelope = LineTime.opening(body).flatMap({ LineEnvelope(body, behind: $0) }) else {
            return (body, nil)
        }
        return (body.slice(envelope.start, body.count), envelope)
    }

    /// Where the line proper begins behind `docker compose`'s `web-1  | `, else 0.
    static func composePrefix(_ line: Bytes) -> Int {
        guard line.first?.isAlphanumeric == true else { return 0 }
        var index = 0
        while index < 64, line.byte(index).isAlphanumeric || isNameMark(line.byte(index)) { index += 1 }
        let nameEnd = index
        while index < 80, line.byte(index) == 0x20 { index += 1 }
        guard index > nameEnd, line.byte(index) == UInt8(ascii: "|"), line.byte(index + 1) == 0x20 else { return 0 }
        // `INFO  | …` is a level in front of a bar, not a container's name.
        if SeverityWords.match(line.slice(0, nameEnd)) != nil { return 0 }
        return index + 2
    }

    private static func isNameMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }

    private static func isContinuation(_ line: Bytes) -> Bool {
        if line.byte(0).isBlank { return true }
        switch line.byte(0) {
        case UInt8(ascii: "a"): return line.starts(with: "at ")
        case UInt8(ascii: "C"): return line.starts(with: "Caused by: ")
        case UInt8(ascii: "S"): return line.starts(with: "Suppressed: ")
        case UInt8(ascii: "."): return line.starts(with: "... ")
        case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"): return line.count <= 2
        default: return false
        }
    }
}
