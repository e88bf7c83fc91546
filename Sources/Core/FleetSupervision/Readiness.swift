import FleetModel

/// The probes of one life: startup suspends the others until it passes, readiness opens gates, liveness restarts.
struct Readiness: Sendable, Equatable {
    enum Gate: Sendable, Equatable {
        /// No startup and no readiness probe: as good as ready.
        case absent
        case pending
        case passed
        case lost
    }

    enum News: Sendable, Equatable {
        case passed
        case lost
        case regained
        /// The startup or liveness probe has failed for good.
        case mustEnd(ProbeRole)
    }

    private(set) var gate: Gate
    private var schedules: [ProbeRole: ProbeSchedule] = [:]
    private var hasStarted: Bool

    init(_ probes: ProbeSet, spawnedAt: Moment, _ random: inout SeededRandom) {
        gate = probes.startup == nil && probes.readiness == nil ? .absent : .pending
        hasStarted = probes.startup == nil
        for role in ProbeRole.allCases {
            guard let spec = probes[role] else { continue }
            schedules[role] = ProbeSchedule(spec, spawnedAt: spawnedAt)
        }
        begin(at: spawnedAt, &random)
    }

    private mutating func begin(at now: Moment, _ random: inout SeededRandom) {
        let roles: [ProbeRole] = hasStarted ? [.readiness, .liveness] : [.startup]
        for role in roles { schedules[role]?.begin(at: now, &random) }
    }

    /// The probe whose answers are shown.
    var leadingRole: ProbeRole? {
        if !hasStarted { return .startup }
        return [.readiness, .liveness, .startup].first { schedules[$0] != nil }
    }

    func spec(_ role: ProbeRole) -> ProbeSpec? { schedules[role]?.spec }

    var nextDeadline: Moment? { schedules.values.compactMap(\.nextAt).min() }

    mutating func takeDue(at now: Moment) -> [ProbeRole] {
        ProbeRole.allCases.filter { schedules[$0]?.takeIfDue(at: now) ?? false }
    }

    mutating func answered(_ role: ProbeRole, passed: Bool, at now: Moment, _ random: inout SeededRandom) -> News? {
        // The late answer of a startup probe that has already passed says nothing new; a suspended probe says nothing.
        guard hasStarted == (role != .startup) else { return nil }
        guard let before = schedules[role]?.standing else { return nil }
        schedules[role]?.answered(passed: passed, at: now, &random)
        guard let after = schedules[role]?.standing, after != before else { return nil }
        switch (role, after) {
        case (_, .undecided): return nil
        case (.startup, .passing): return startupPassed(at: now, &random)
        case (.startup, .failing), (.liveness, .failing): return .mustEnd(role)
        case (.liveness, .passing): return nil
        case (.readiness, .passing): return readinessPassed()
        case (.readiness, .failing): return readinessLost()
        }
    }

    private mutating func startupPassed(at now: Moment, _ random: inout SeededRandom) -> News? {
        hasStarted = true
        schedules[.startup]?.stop()
        begin(at: now, &random)
        guard schedules[.readiness] == nil else { return nil }
        gate = .passed
        return .passed
    }

    private mutating func readinessPassed() -> News? {
        switch gate {
        case .pending:
            gate = .passed
            return .passed
        case .lost:
            gate = .passed
            return .regained
        case .absent, .passed: return nil
        }
    }

    private mutating func readinessLost() -> News? {
        switch gate {
        case .pending, .passed:
            gate = .lost
            return .lost
        case .absent, .lost: return nil
        }
    }
}
