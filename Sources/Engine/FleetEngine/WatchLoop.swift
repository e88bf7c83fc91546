import FleetModel
import FleetSupervision

/// Watches the files of one service's `develop.watch`. Restarts, rebuilds and signals are left to the machine; commands
/// are run here, in the service's surroundings.
struct WatchLoop: Sendable {
    let service: ServiceName
    let rules: [WatchRule]
    let desk: WatchDesk
    let watcher: any FileWatching
    let parts: EngineParts
    /// Logs and leases: what fleet writes there is never a change of the sources.
    let stateDirectory: String

    private static let commandLimit = Duration.seconds(600)
    private static let mostTroubles = 20

    static func rules(of roster: FleetRoster) -> [ServiceName: [WatchRule]] {
        var rules: [ServiceName: [WatchRule]] = [:]
        for service in roster.fleet.services where !service.watch.isEmpty { rules[service.name] = service.watch }
        return rules
    }

    func run() async {
        let watch = FileWatch(rules)
        desk.open(watch, for: service)
        defer { desk.close(watch, for: service) }
        let filter = WatchDebouncer(rules)
        let state = stateDirectory
        let own = state.hasSuffix("/") ? state : state + "/"
        let changes = watcher.changes(below: Array(Set(rules.map(\.path))).sorted()) { path in
            path.hasPrefix(own) || filter.ignores(path)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await feed(changes, to: watch) }
            group.addTask { await react(to: watch) }
            // Whichever ends first has nothing to do any more without the other.
            await group.next()
            group.cancelAll()
        }
    }

    private func feed(_ changes: AsyncStream<FileChange>, to watch: FileWatch) async {
        var troubles: Set<String> = []
        for await change in changes {
            if case .trouble(let sentence) = change {
                guard troubles.count < Self.mostTroubles, troubles.insert(sentence).inserted else { continue }
                parts.journal.record(instance, .fleet, .warning, "watch of \(service): \(sentence)")
            } else {
                watch.feed(change, at: parts.clock.now)
            }
        }
    }

    private func react(to watch: FileWatch) async {
        for await _ in watch.bell.rings {
            while let due = watch.nextDeadline {
                guard (try? await parts.clock.sleep(until: due)) != nil else { return }
                let batches = watch.fire(at: parts.clock.now)
                announceSuspension(of: watch)
                for batch in batches {
                    guard case .exec = batch.action else {
                        parts.mailbox.post(.watched(service, batch.action, cause: batch.cause))
                        continue
                    }
                }
                // Last, because a command takes its time; what changes meanwhile is gathered.
                for batch in batches {
                    if case .exec(let command) = batch.action { await execute(command, batch) }
                }
            }
        }
    }

    private func announceSuspension(of watch: FileWatch) {
        // Told before it is shown: whoever sees the state finds its reason among the events.
        if let reason = watch.status.suspension, desk.status(of: service)?.suspension == nil {
            parts.journal.record(instance, .fleet, .warning, "the watch of \(service) is suspended: \(reason)")
        }
        desk.show(watch, service)
    }

    private func execute(_ command: CommandLine, _ batch: WatchDebouncer.Batch) async {
        guard let id = instance, let launch = parts.plan.launch(id, .none, in: parts.book.roster) else { return }
        let what = "watch: \(batch.cause) changed; exec \(command.text)"
        let start = parts.clock.now
        let outcome = await parts.host.runUnlessCancelled(command, in: launch, timeout: Self.commandLimit)
        guard !Task.isCancelled else { return }
        let seconds = FigureLoop.rounded(start.distance(to: parts.clock.now).inSeconds)
        parts.journal.record(
            id,
            .fleet,
            outcome.passed ? .info : .error,
            "\(what): \(outcome.passed ? "done after \(seconds)s" : outcome.detail)"
        )
    }

    private var instance: ServiceID? { parts.book.roster.instances(of: service).first?.id }
}
