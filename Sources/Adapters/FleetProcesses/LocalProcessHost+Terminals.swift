internal import CPlatform
internal import FleetEngine
package import FleetModel
internal import Glibc

// What services read from us, and what their terminals show.
extension LocalProcessHost {
    package func write(_ bytes: [UInt8], to service: ServiceID) async -> Bool {
        guard let life = current(service), let input = life.wires.input else { return false }
        switch input.write(bytes) {
        case .written: return true
        case .refused: return false
        case .waiting:
            // Nobody waits for a service to read.
            if input.startLookingAfter() { Task { [weak self] in await self?.flush(input, of: life.key) } }
            return true
        }
    }

    /// Looks again until the service has read what is kept for it, or is gone.
    private func flush(_ input: LifeInput, of key: LifeKey) async {
        var pause = 2
        while lives[key] != nil, input.flush() == .waiting {
            pause = min(pause * 2, 250)
            try? await Task.sleep(for: .milliseconds(pause))
        }
        input.stopLookingAfter()
    }

    package func resize(_ service: ServiceID, columns: Int, rows: Int) async {
        guard let screen = screens[service] else { return }
        screen.size = TerminalScreen.Size(columns: columns, rows: rows)
        guard let life = current(service), life.wires.hasTerminal else { return }
        life.wires.input?.resize(columns: screen.size.columns, rows: screen.size.rows)
    }

    package func terminalOutput(of service: ServiceID) async -> AsyncStream<[UInt8]>? {
        screens[service]?.subscribe()
    }

    /// The newest life of a service that is not over.
    private func current(_ service: ServiceID) -> Life? {
        lives.values.filter { $0.key.service == service && !$0.isDraining }
            .max { $0.key.incarnation < $1.key.incarnation }
    }

    // MARK: Hanging up

    /// Interactive programs ignore SIGTERM and mean it; a terminal that goes away ends them. Sent when half of the
    /// grace period has passed since the stop signal.
    func planHangup(_ key: LifeKey) {
        guard let life = lives[key], life.wires.hasTerminal, let since = life.stopSentAt else { return }
        let half = life.stop.gracePeriod / 2
        // Nobody waits for it; it looks whether the life still ends.
        Task { [weak self] in
            try? await Task.sleep(for: half)
            await self?.hangUp(key, since)
        }
    }

    private func hangUp(_ key: LifeKey, _ since: Int64) {
        guard let life = lives[key], !life.isDraining, life.stopSentAt == since else { return }
        deliver(SIGHUP, to: life.covered(look()[key] ?? [], by: life.stop.scope))
    }
}
