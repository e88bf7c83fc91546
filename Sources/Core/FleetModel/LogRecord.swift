/// OpenTelemetry's severity numbers, folded to the six letters that the console shows; `unspecified` when nothing says.
package enum LogSeverity: UInt8, Hashable, Sendable, Codable, Comparable, CaseIterable {
    case unspecified = 0
    case trace = 1
    case debug = 5
    case info = 9
    case warning = 13
    case error = 17
    case fatal = 21

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// `T D I W E F`, or a blank.
    package var letter: String {
        switch self {
        case .unspecified: " "
        case .trace: "T"
        case .debug: "D"
        case .info: "I"
        case .warning: "W"
        case .error: "E"
        case .fatal: "F"
        }
    }
}

package enum LogStream: String, Hashable, Sendable, Codable {
    case stdout
    case stderr
    /// Not the service's words but ours about it: start, exit, restart, loss.
    case fleet
}

/// A decoded line.
package struct LogRecord: Hashable, Sendable, Codable {
    /// Grows over all services in the order of arrival; the cursor of pages.
    package var id: Int
    /// When it arrived, or what the line itself says when that is later decoded; never empty.
    package var time: Timestamp
    package var service: ServiceID
    package var incarnation: Incarnation
    package var stream: LogStream
    package var severity: LogSeverity
    /// The message of a structured line, else the line; escape sequences removed.
    package var message: String
    /// What a structured line carried besides time, severity and message, in its order.
    package var fields: [LogField]
    /// Lower-case hex, 32 digits; `nil` when the line has none.
    package var traceID: String?
    /// Lower-case hex, 16 digits.
    package var spanID: String?
    /// The line as it came, invalid UTF-8 replaced, escape sequences kept.
    package var raw: String

    package init(
        id: Int,
        time: Timestamp,
        service: ServiceID,
        incarnation: Incarnation = .none,
        stream: LogStream = .stdout,
        severity: LogSeverity = .unspecified,
        message: String,
        fields: [LogField] = [],
        traceID: String? = nil,
        spanID: String? = nil,
        raw: String = ""
    ) {
        self.id = id
        self.time = time
        self.service = service
        self.incarnation = incarnation
        self.stream = stream
        self.severity = severity
        self.message = message
        self.fields = fields
        self.traceID = traceID
        self.spanID = spanID
        self.raw = raw
    }
}

package struct LogField: Hashable, Sendable, Codable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
