import FleetAPI
import FleetModel
import Foundation

/// What an engine in the foreground tells those around it: events on standard output, its state to the service manager.
struct HeadlessReport: Sendable {
    let engine: any EngineClient
    let manager: ServiceManager?
    let json: Bool
    /// False when nothing is started before a client says so.
    let startsAll: Bool

    /// Returns when the engine has ended.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await printEvents() }
            if let manager {
                group.addTask { await reportState(to: manager) }
                if let silence = manager.watchdog { group.addTask { await ping(manager, every: silence / 2) } }
            }
        }
    }

    // MARK: Events

    private func printEvents() async {
        let line = EventLine(json: json, isJournal: ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil)
        guard let earlier = try? await engine.events(EventQuery()),
            let news = try? await engine.followEvents(EventQuery(after: earlier.last?.sequence ?? 0))
        else { return }
        for event in earlier { guard print(line.text(event)) else { return } }
        do {
            for try await event in news { guard print(line.text(event)) else { return } }
        } catch {}
    }

    /// False when nobody reads any more, which is no reason to end.
    private func print(_ text: String) -> Bool { Terminal.put(text + "\n", to: STDOUT_FILENO) }

    // MARK: State

    private func reportState(to manager: ServiceManager) async {
        guard let snapshots = try? await engine.snapshots() else { return }
        var isReady = false
        var isStopping = false
        var last = ""
        do {
            for try await snapshot in snapshots {
                let status = Self.status(snapshot)
                if status != last { manager.tell("STATUS=\(status)") }
                last = status
                if !isReady, isSettled(snapshot) {
                    isReady = true
                    manager.tell("READY=1")
                }
                if !isStopping, snapshot.isStopping {
                    isStopping = true
                    manager.tell("STOPPING=1")
                }
            }
        } catch {}
    }

    /// `8/9 ready; troubled: search`.
    private static func status(_ snapshot: FleetSnapshot) -> String {
        let wanted = snapshot.services.filter { $0.wanted == .up }
        if snapshot.isStopping {
            let alive = snapshot.services.filter(\.state.isAlive).map(\.id.rawValue)
            return alive.isEmpty ? "stopped" : "stopping; still up: \(alive.joined(separator: ", "))"
        }
        let ready = wanted.filter { $0.state.isReady || $0.state == .exited }.count
        let troubled = wanted.filter { $0.state.isTroubled || $0.isCrashLooping }.map(\.id.rawValue)
        return "\(ready)/\(wanted.count) ready"
            + (troubled.isEmpty ? "" : "; troubled: \(troubled.joined(separator: ", "))")
    }

    /// Every wanted service is ready, or in a trouble that the engine deals with and that must not hold up the machine.
    private func isSettled(_ snapshot: FleetSnapshot) -> Bool {
        let canStart = snapshot.services.contains { $0.state != .disabled }
        // A snapshot of the moment before the start says nothing.
        guard !startsAll || !canStart || snapshot.services.contains(where: { $0.wanted == .up }) else { return false }
        return snapshot.services.allSatisfy { service in
            guard service.wanted == .up else { return true }
            switch service.state {
            case .running, .ready, .unhealthy, .exited, .failed, .skipped, .blocked: return true
            case .disabled, .idle, .waiting, .starting, .stopping, .backoff: return service.isCrashLooping
            }
        }
    }

    /// Only an engine that answers is alive.
    private func ping(_ manager: ServiceManager, every period: Duration) async {
        repeat {
            guard let snapshot = try? await engine.snapshot() else { return }
            manager.tell("WATCHDOG=1")
            if snapshot.isStopping, !snapshot.services.contains(where: \.state.isAlive) { return }
        } while (try? await Task.sleep(for: period)) != nil
    }
}

/// An event as one line.
struct EventLine {
    let json: Bool
    /// The journal has its own time and wants the priority in front (sd-daemon(3)).
    let isJournal: Bool

    func text(_ event: FleetEvent) -> String {
        if json { return EventsCommand.json(event).text }
        let message = event.message.split(separator: "\n").joined(separator: " | ")
        let body = "\(event.service?.rawValue ?? "fleet"): \(message)"
        let (priority, word) =
            switch event.severity {
            case .info: (6, "info")
            case .warning: (4, "warning")
            case .error: (3, "error")
            }
        return isJournal ? "<\(priority)>\(body)" : "\(TimeText.utc(event.time)) \(word) \(body)"
    }
}
