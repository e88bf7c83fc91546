import FleetModel
import FleetSupervision

/// Looks every second at what the services with a memory limit use. Does nothing at all while none has one.
struct MemoryLoop: Sendable {
    let limits: [ServiceID: Int]
    let host: any ProcessHost
    let mailbox: Mailbox
    let board: SnapshotBoard
    let clock: any EngineClock

    private static let interval = Duration.seconds(1)

    static func limits(of roster: FleetRoster) -> [ServiceID: Int] {
        var limits: [ServiceID: Int] = [:]
        for instance in roster.instances {
            if let limit = roster.spec(of: instance.name)?.resources.memoryBytes { limits[instance.id] = limit }
        }
        return limits
    }

    func run() async {
        guard !limits.isEmpty else { return }
        var reported: [ServiceID: Incarnation] = [:]
        while !Task.isCancelled {
            let before = incarnations
            let usage = before.isEmpty ? [:] : await host.usage()
            let after = incarnations
            for (id, limit) in limits {
                // Measured while one life gave way to the next: whose memory it was is unknown.
                guard let life = before[id], after[id] == life, let used = usage[id]?.memoryBytes else { continue }
                guard used > limit, reported[id] != life else { continue }
                reported[id] = life
                mailbox.post(.memoryExceeded(id, life, used: used, limit: limit))
            }
            guard (try? await clock.sleep(for: Self.interval)) != nil else { return }
        }
    }

    private var incarnations: [ServiceID: Incarnation] {
        var lives: [ServiceID: Incarnation] = [:]
        for id in limits.keys {
            guard let status = board.status(of: id), status.state.isAlive, status.state != .stopping else { continue }
            lives[id] = status.incarnation
        }
        return lives
    }
}
