internal import FleetModel

/// The commands of services that run at the moment: probes, `pre_stop`, watch rules and builds.
struct CommandBook {
    private struct Entry {
        var ticket: CommandTicket
        var life: LifeKey
    }

    private var running: [LifeMark: Entry] = [:]
    /// Builds that are over: a compiler's server may serve the next one as well. It goes with the engine.
    private var sparing: Set<LifeMark> = []
    private static let mostSpared = 1024

    mutating func add(_ ticket: CommandTicket, of life: LifeKey) {
        running[ticket.mark] = Entry(ticket: ticket, life: life)
    }

    mutating func remove(_ ticket: CommandTicket, sparesLeftovers: Bool) {
        running[ticket.mark] = nil
        guard sparesLeftovers, sparing.count < Self.mostSpared else { return }
        sparing.insert(ticket.mark)
    }

    /// Whether what carries this mark may live.
    func owns(_ mark: LifeMark) -> Bool { running[mark] != nil || sparing.contains(mark) }

    /// What was asked about one life, and means nothing without it.
    func tickets(of life: LifeKey) -> [CommandTicket] {
        running.values.filter { $0.life == life }.map(\.ticket)
    }

    var tickets: [CommandTicket] { running.values.map(\.ticket) }
}
