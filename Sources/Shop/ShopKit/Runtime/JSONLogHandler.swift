import Glibc
package import Logging
import Synchronization
import Tracing

/// One JSON object a line on standard output: `time`, `level`, `service`, `msg`, the trace and span the line was
/// written in, then the fields. A swift-log back-end.
package struct JSONLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let service: String
    private let output: @Sendable (String) -> Void

    package init(
        service: String,
        level: Logger.Level,
        output: @escaping @Sendable (String) -> Void = { StandardOutput.shared.write($0) }
    ) {
        self.service = service
        self.logLevel = level
        self.output = output
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = "{\"time\":\"\(WallClock.now)\",\"level\":\"\(Self.word(event.level))\",\"service\":"
        JSONText.append(service, to: &line)
        line += ",\"msg\":"
        JSONText.append(event.message.description, to: &line)
        if let context = ServiceContext.current?.spanContext {
            line += ",\"trace_id\":\"\(context.traceID)\",\"span_id\":\"\(context.spanID)\""
        }
        append(metadata, to: &line)
        if let fields = event.metadata { append(fields, to: &line) }
        if let error = event.error { append(["error": "\(error)"], to: &line) }
        output(line + "}\n")
    }

    private func append(_ fields: Logger.Metadata, to line: inout String) {
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) where !key.hasPrefix("hb.") {
            line += ","
            JSONText.append(key, to: &line)
            line += ":"
            append(value, to: &line)
        }
    }

    private func append(_ value: Logger.Metadata.Value, to line: inout String) {
        switch value {
        case .stringConvertible(let number as Int): line += String(number)
        case .stringConvertible(let number as Double) where number.isFinite: line += String(number)
        case .stringConvertible(let flag as Bool): line += flag ? "true" : "false"
        default: JSONText.append(value.description, to: &line)
        }
    }

    private static func word(_ level: Logger.Level) -> String {
        level == .warning ? "warn" : level.rawValue
    }
}

/// Whole lines to descriptor 1, one at a time. When nobody reads any more the lines are counted, not awaited.
package final class StandardOutput: Sendable {
    package static let shared = StandardOutput()
    private let dropped = Mutex<Int>(0)

    /// Lines that could not be written since start.
    package var droppedCount: Int { dropped.withLock { $0 } }

    package func write(_ line: String) {
        dropped.withLock { dropped in
            var line = line
            let complete = line.withUTF8 { bytes in
                var offset = 0
                while offset < bytes.count {
                    let count = Glibc.write(1, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
                    if count < 0 && errno == EINTR { continue }
                    guard count > 0 else { return false }
                    offset += count
                }
                return true
            }
            if !complete { dropped += 1 }
        }
    }
}
