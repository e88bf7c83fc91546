/// Paths of the interface: HTTP/1.1 with JSON bodies over a unix socket. `GET` ones take no body; `POST` ones take the
/// query value as JSON. Streams answer one JSON document a line (application/x-ndjson) until either side leaves.
package enum Route {
    package static let hello = "/v1/hello"
    package static let snapshot = "/v1/snapshot"
    /// Stream of `SnapshotFrame`.
    package static let watch = "/v1/watch"
    package static let command = "/v1/command"
    package static let shutdown = "/v1/shutdown"
    package static let logs = "/v1/logs"
    /// Stream of `LogRecord`.
    package static let followLogs = "/v1/logs/follow"
    package static let events = "/v1/events"
    /// Stream of `FleetEvent`.
    package static let followEvents = "/v1/events/follow"
    package static let query = "/v1/query"
    package static let metrics = "/v1/metrics"
    package static let traces = "/v1/traces"
    /// Followed by the trace id.
    package static let trace = "/v1/trace"
    package static let map = "/v1/map"
    /// Followed by the service.
    package static let why = "/v1/why"
    package static let scale = "/v1/scale"
    package static let reload = "/v1/reload"
    /// Followed by the service.
    package static let environment = "/v1/environment"
    /// Followed by the service.
    package static let history = "/v1/history"
    package static let port = "/v1/port"
    /// Followed by the service.
    package static let resumeWatch = "/v1/resume-watch"
    /// Followed by the service. Stream of `TerminalChunk`.
    package static let terminal = "/v1/terminal"
    package static let input = "/v1/input"
}
