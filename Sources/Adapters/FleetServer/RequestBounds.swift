import FleetAPI
import FleetModel

/// A request body whose numbers can be arbitrary: JSON has room for a time-out of a million years.
protocol CheckedRequest: Decodable {
    /// One sentence when the request cannot be meant; `nil` when it can.
    var objection: String? { get }
}

/// What a request may ask for. Generous for people and programs, small enough for all arithmetic behind the door.
enum RequestBounds {
    static let longest = Duration.seconds(366 * 86_400)
    /// Names of services in one request.
    static let names = 10_000
    /// Bytes.
    static let nameLength = 256
    /// Bytes of a filter or an expression.
    static let textLength = 64 << 10
    /// Cursors and sequences count from zero and leave room for adding.
    static let counters = 0...(Int.max >> 8)
    static let limits = 0...1_000_000
    /// Times that nanoseconds since 1970 can hold with some room on both sides: the years 1700 to 2240.
    static let times = -8_520_000_000_000_000_000...8_520_000_000_000_000_000 as ClosedRange<Int64>
    /// Bytes of input for a service at once.
    static let inputLength = 512 << 10
    /// Cells of a terminal in either direction.
    static let terminalSize = 1...10_000

    static func objection(duration: Duration?, _ what: String) -> String? {
        guard let duration, duration < .zero || duration > longest else { return nil }
        return "\(what) is not between nothing and a year"
    }

    static func objection(text: String, _ what: String) -> String? {
        text.utf8.count <= textLength ? nil : "\(what) is longer than \(textLength >> 10) KiB"
    }

    static func objection(names: [String]) -> String? {
        guard names.count <= Self.names else { return "more than \(Self.names) services are named" }
        return names.lazy.compactMap { objection(name: $0) }.first
    }

    static func objection(name: String) -> String? {
        if name.isEmpty { return "a service's name is empty" }
        return name.utf8.count <= nameLength ? nil : "a service's name is longer than \(nameLength) bytes"
    }

    static func objection(counter: Int?, _ what: String) -> String? {
        guard let counter, !counters.contains(counter) else { return nil }
        return "\(what) is out of range"
    }

    static func objection(limit: Int) -> String? {
        limits.contains(limit) ? nil : "the limit is not between 0 and \(limits.upperBound)"
    }
}

extension ServiceCommand: CheckedRequest {
    var objection: String? {
        if verb == .kill, !(1...64).contains(signal) { return "\(signal) is no signal's number" }
        return RequestBounds.objection(names: services)
            ?? RequestBounds.objection(duration: timeout, "the time-out")
    }
}

extension ShutdownRequest: CheckedRequest {
    var objection: String? { RequestBounds.objection(duration: timeout, "the time-out") }
}

extension ScaleRequest: CheckedRequest {
    var objection: String? {
        guard (0...Self.limit).contains(replicas) else {
            return "a service has 0 to \(Self.limit) replicas, not \(replicas)"
        }
        return RequestBounds.objection(name: service) ?? RequestBounds.objection(duration: timeout, "the time-out")
    }
}

extension ReloadRequest: CheckedRequest {
    var objection: String? { nil }
}

extension PortAction: CheckedRequest {
    var objection: String? { RequestBounds.objection(name: service) }
}

extension TerminalInput: CheckedRequest {
    var objection: String? {
        if let size {
            guard RequestBounds.terminalSize.contains(size.columns), RequestBounds.terminalSize.contains(size.rows)
            else { return "a terminal has 1 to \(RequestBounds.terminalSize.upperBound) columns and rows" }
        }
        guard (keys?.bytes.count ?? 0) <= RequestBounds.inputLength else {
            return "more than \(RequestBounds.inputLength >> 10) KiB of input at once"
        }
        return RequestBounds.objection(name: service)
    }
}

extension LogQuery: CheckedRequest {
    var objection: String? {
        RequestBounds.objection(names: services)
            ?? RequestBounds.objection(text: filter, "the filter")
            ?? RequestBounds.objection(text: find, "the search")
            ?? RequestBounds.objection(counter: cursor == -1 ? 0 : cursor, "the cursor")
            ?? RequestBounds.objection(limit: limit)
    }
}

extension EventQuery: CheckedRequest {
    var objection: String? {
        RequestBounds.objection(names: services)
            ?? RequestBounds.objection(counter: after, "the sequence")
            ?? RequestBounds.objection(limit: limit)
    }
}

extension MetricQuery: CheckedRequest {
    var objection: String? {
        if let time, !RequestBounds.times.contains(time.nanoseconds) { return "the time is out of range" }
        return RequestBounds.objection(text: expression, "the expression")
            ?? RequestBounds.objection(duration: range, "the range")
            ?? RequestBounds.objection(duration: step, "the step")
    }
}

extension TraceQuery: CheckedRequest {
    var objection: String? {
        RequestBounds.objection(text: filter, "the filter") ?? RequestBounds.objection(limit: limit)
    }
}
