/// What a field of a structured line is for, by its name in any of the usual spellings.
enum FieldRole: Equatable {
    case severity, openTelemetrySeverity, message, time, trace, span, datadogTrace, datadogSpan, traceparent, other
}

/// A field's name in lower case without `_ - . @ $ /`, packed: `trace_id`, `traceId`, `trace.id` and `TraceID` are one key.
struct FoldedKey: Hashable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    private(set) var length: UInt8 = 0

    /// Names of more than 64 bytes are no one's role; only the first 16 significant bytes and the length are compared.
    init(_ name: Bytes) {
        guard name.count <= 64 else { return }
        for byte in name where byte.isAlphanumeric {
            let value = UInt64(byte.lowered)
            if length < 8 {
                low |= value << (8 * UInt64(length))
            } else if length < 16 {
                high |= value << (8 * UInt64(length - 8))
            }
            length += 1
        }
    }

    init(_ text: StaticString) {
        self.init(Bytes(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// The role, and the rank among names of the same role: lower wins.
    var role: (role: FieldRole, rank: Int) { Self.roles[self] ?? (.other, 0) }

    var isSeverity: Bool {
        guard length <= 14 else { return false }
        return Self.severities.contains(self)
    }

    private static let roles: [FoldedKey: (role: FieldRole, rank: Int)] = {
        var roles: [FoldedKey: (role: FieldRole, rank: Int)] = [:]
        func add(_ role: FieldRole, _ names: [StaticString]) {
            for (rank, name) in names.enumerated() { roles[FoldedKey(name)] = (role, rank) }
        }
        add(
            .severity,
            ["level", "severity", "lvl", "loglevel", "levelname", "severitytext", "l", "lev", "priority", "s"]
        )
        add(.openTelemetrySeverity, ["severitynumber"])
        add(.message, ["message", "msg", "body", "m", "shortmessage", "fieldsmessage", "text", "mt", "event", "log"])
        add(
            .time,
            [
                "time", "timestamp", "ts", "t", "datetime", "tdate", "eventtime", "asctime", "date", "timeunixnano",
                "realtimetimestamp",
            ]
        )
        add(
            .trace,
            ["traceid", "oteltraceid", "contextmaptraceid", "xb3traceid", "trace", "logginggoogleapiscomtrace"]
        )
        add(.span, ["spanid", "otelspanid", "contextmapspanid", "xb3spanid", "span", "logginggoogleapiscomspanid"])
        add(.datadogTrace, ["ddtraceid"])
        add(.datadogSpan, ["ddspanid"])
        add(.traceparent, ["traceparent"])
        return roles
    }()

    private static let severities: [FoldedKey] = [
        FoldedKey("level"), FoldedKey("severity"), FoldedKey("lvl"), FoldedKey("loglevel"), FoldedKey("levelname"),
        FoldedKey("severitytext"), FoldedKey("severitynumber"), FoldedKey("l"), FoldedKey("lev"), FoldedKey("priority"),
        FoldedKey("s"),
    ]
}
