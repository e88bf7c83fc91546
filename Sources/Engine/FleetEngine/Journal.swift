import FleetModel

/// Writes down what happens, for people: in the events, and in the log of the service when it is about one. Secrets are
/// blotted out.
struct Journal: Sendable {
    let events: EventLog
    let logs: LogHub
    let book: FleetBook
    let clock: any EngineClock

    func record(
        _ service: ServiceID?,
        _ kind: FleetEvent.Kind,
        _ severity: FleetEvent.Severity,
        _ message: String
    ) {
        let time = clock.wallTime
        let message = book.roster.mask.masked(message)
        events.record(kind, severity, message, service: service, at: time)
        guard let service else { return }
        logs.note(service, severity, message, at: time)
    }

    /// A line for the service's log alone.
    func note(_ service: ServiceID, _ severity: FleetEvent.Severity, _ message: String) {
        logs.note(service, severity, book.roster.mask.masked(message), at: clock.wallTime)
    }
}
