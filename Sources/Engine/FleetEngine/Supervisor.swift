import FleetModel
import FleetSupervision

/// Runs the fleet machine: takes events from the mailbox one by one, carries out the effects, keeps the one alarm that
/// the machine asks for, and puts the new state on the board. It has no opinion of its own about services.
actor Supervisor {
    private var machine: FleetMachine
    private let mailbox: Mailbox
    private let clock: any EngineClock
    private let board: SnapshotBoard
    private let effects: EffectRunner
    private var alarm: (moment: Moment, task: Task<Void, Never>)?

    init(
        machine: FleetMachine,
        mailbox: Mailbox,
        clock: any EngineClock,
        board: SnapshotBoard,
        effects: EffectRunner
    ) {
        self.machine = machine
        self.mailbox = mailbox
        self.clock = clock
        self.board = board
        self.effects = effects
        board.put(machine.instances, isStopping: false)
    }

    /// Returns when the fleet was shut down and nothing of it is left, or when cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await event in mailbox.events {
                for effect in machine.handle(event, at: clock.now) {
                    if case .record(let service, let kind, let severity, let message) = effect {
                        effects.record(service, kind, severity, message)
                    } else {
                        group.addTask { [effects] in await effects.perform(effect) }
                    }
                }
                board.put(machine.instances, isStopping: machine.isShuttingDown)
                if machine.isShutDown { break }
                setAlarm()
            }
            alarm?.task.cancel()
            group.cancelAll()
        }
    }

    /// Names of the manifest → instances; the error names the nearest known one.
    func resolve(_ names: [String]) throws(UnknownService) -> [ServiceID] {
        names.isEmpty ? machine.instances.map(\.id) : try machine.resolve(names)
    }

    func why(_ id: ServiceID) -> String { machine.why(id, at: clock.now) }

    private func setAlarm() {
        guard let deadline = machine.nextDeadline else {
            alarm?.task.cancel()
            alarm = nil
            return
        }
        if let alarm, alarm.moment == deadline, !alarm.task.isCancelled { return }
        alarm?.task.cancel()
        let task = Task { [clock, mailbox] in
            // Cancelled when the machine asks for another moment: then nobody wants this tick.
            guard (try? await clock.sleep(until: deadline)) != nil else { return }
            mailbox.post(.tick)
        }
        alarm = (deadline, task)
    }
}
