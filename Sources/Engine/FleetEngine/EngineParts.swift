import FleetAPI
import FleetModel
import FleetSupervision

/// What most parts of an engine need of each other. Made once; everything that changes lives inside one of them.
struct EngineParts: Sendable {
    let clock: any EngineClock
    let host: any ProcessHost
    let mailbox: Mailbox
    let book: FleetBook
    let board: SnapshotBoard
    let telemetry: Telemetry
    let journal: Journal
    let clerk: LifeClerk
    let plan: LaunchPlan

    /// - Throws: what making the process host throws.
    init(
        _ machine: FleetMachine,
        _ run: EngineRun,
        _ ports: EnginePorts,
        traces: TraceHub,
        past: [ServiceID: [LifeRecord]]
    ) async throws {
        let clock = ports.clock
        let mailbox = Mailbox()
        let book = FleetBook(machine.fleet, machine.instances)
        let board = SnapshotBoard(book: book, clock: clock)
        let telemetry = Telemetry(traces: traces, book: book, clock: clock)
        let logs = telemetry.logs
        host = try await ports.host(logs) { mailbox.post($0) }
        plan = LaunchPlan(runID: run.id, otlpPort: run.otlpPort)
        journal = Journal(events: EventLog(bell: traces.bell), logs: logs, book: book, clock: clock)
        clerk = LifeClerk(archive: ports.archive, past: past, logs: logs, board: board, book: book, clock: clock)
        self.clock = clock
        self.mailbox = mailbox
        self.book = book
        self.board = board
        self.telemetry = telemetry
    }
}
