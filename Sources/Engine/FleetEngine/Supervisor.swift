import FleetModel
import FleetSupervision

/// Runs the fleet machine: takes events from the mailbox one by one, carries out the effects, keeps the one alarm that
/// the machine asks for, and puts the new state into the book and on the board. It has no opinion of its own about services.
actor Supervisor {
    private var machine: FleetMachine
    private let parts: EngineParts
    private let effects: EffectRunner
    private var alarm: (moment: Moment, task: Task<Void, Never>)?

    init(machine: FleetMachine, _ parts: EngineParts, _ effects: EffectRunner) {
        self.machine = machine
        self.parts = parts
        self.effects = effects
        parts.board.put(machine.instances, changed: nil, isStopping: false)
    }

    /// Returns when the fleet was shut down and nothing of it is left, or when cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await event in parts.mailbox.events {
                let decided = machine.handle(event, at: parts.clock.now)
                // First, so that an effect finds the manifest and the instances that it was decided for.
                let news = keep(event)
                // What happened is written down before the new state is shown: who sees the state finds its cause.
                let others = decided.filter { !effects.performAtOnce($0) }
                show(news)
                for effect in others { group.addTask { [effects] in await effects.perform(effect) } }
                if machine.isShutDown { break }
                setAlarm()
            }
            alarm?.task.cancel()
            group.cancelAll()
        }
    }

    /// What an event changed.
    private struct News {
        /// Positions of statuses that differ; `nil` when it is another list.
        var changed: [Int]?
        /// Instances that left the fleet.
        var gone: [FleetRoster.Instance]
    }

    /// Brings the book up to date with the machine.
    private func keep(_ event: SupervisionEvent) -> News {
        let changed = machine.news
        // As the machine sees it: it may have refused the new one.
        let fleet: Fleet? = if case .reload = event { machine.fleet } else { nil }
        let gone = changed == nil || fleet != nil ? parts.book.publish(machine.instances, fleet: fleet) : []
        return News(changed: changed, gone: gone)
    }

    private func show(_ news: News) {
        if news.changed?.isEmpty != true || machine.isShuttingDown {
            parts.board.put(machine.instances, changed: news.changed, isStopping: machine.isShuttingDown)
        }
        for instance in news.gone { effects.forget(instance.id) }
    }

    /// Names of the manifest → instances; the error names the nearest known one.
    func resolve(_ names: [String]) throws(UnknownService) -> [ServiceID] {
        names.isEmpty ? machine.instances.map(\.id) : try machine.resolve(names)
    }

    func why(_ id: ServiceID) -> String { machine.why(id, at: parts.clock.now) }

    private func setAlarm() {
        guard let deadline = machine.nextDeadline else {
            alarm?.task.cancel()
            alarm = nil
            return
        }
        if let alarm, alarm.moment == deadline, !alarm.task.isCancelled { return }
        alarm?.task.cancel()
        let task = Task { [parts] in
            // Cancelled when the machine asks for another moment: then nobody wants this tick.
            guard (try? await parts.clock.sleep(until: deadline)) != nil else { return }
            parts.mailbox.post(.tick)
        }
        alarm = (deadline, task)
    }
}
