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
    /// `READY=1` has come in this life.
    private var hasNotice = false
    /// It was taken over: whatever it says only once counts as said.
    private var isTakenOver = false
    /// The life is about to be replaced by one with other probes, so that these ask no more.
    private var isFrozen = false
    private let spawnedAt: Moment

    init(_ probes: ProbeSet, spawnedAt: Moment, _ random: inout SeededRandom) {
        gate = probes.startup == nil && probes.readiness == nil ? .absent : .pending
        hasStarted = probes.startup == nil
        self.spawnedAt = spawnedAt
        for role in ProbeRole.allCases {
            guard let spec = probes[role] else { continue }
            schedules[role] = ProbeSchedule(spec, startEndsAt: spawnedAt.advanced(by: spec.startPeriod))
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

    /// Becomes ready by `READY=1`, as a unit of systemd's `Type=notify` does.
    var awaitsNotice: Bool {
        [ProbeRole.startup, .readiness].contains { schedules[$0]?.spec.check.isNotify ?? false }
    }

    /// A log check of this life has passed; `nil` when there is none.
    var hasLogged: Bool? {
        let logs = schedules.values.filter { $0.spec.check.isLog }
        return logs.isEmpty ? nil : logs.contains(where: \.hasPassed)
    }

    // MARK: - Time

    var nextDeadline: Moment? {
        guard !isFrozen else { return nil }
        var next = overdueAt
        for schedule in schedules.values { next = Moment.earlier(next, schedule.nextAt) }
        return next
    }

    /// When a startup check that waits for `READY=1` has waited long enough.
    private var overdueAt: Moment? {
        guard !hasStarted, let startup = schedules[.startup], startup.spec.check.isNotify else { return nil }
        return startup.patienceEndsAt
    }

    func isOverdue(at now: Moment) -> Bool { !isFrozen && (overdueAt.map { $0 <= now } ?? false) }

    mutating func takeDue(at now: Moment) -> [ProbeRole] {
        guard !isFrozen else { return [] }
        return ProbeRole.allCases.filter { schedules[$0]?.takeIfDue(at: now) ?? false }
    }

    mutating func extendStart(to until: Moment) {
        for role in ProbeRole.allCases { schedules[role]?.extendStart(to: until) }
    }

    mutating func freeze() { isFrozen = true }

    // MARK: - Answers

    mutating func answered(_ role: ProbeRole, passed: Bool, at now: Moment, _ random: inout SeededRandom) -> News? {
        // The late answer of a startup probe that has already passed says nothing new; a suspended probe says nothing.
        guard !isFrozen, hasStarted == (role != .startup) else { return nil }
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

    /// `READY=1`. At most one piece of news: that a gate which waited for it has passed.
    mutating func notified(at now: Moment, _ random: inout SeededRandom) -> News? {
        hasNotice = true
        guard !isFrozen else { return nil }
        var news: News?
        for role in [ProbeRole.startup, .readiness] where schedules[role]?.spec.check.isNotify ?? false {
            news = answered(role, passed: true, at: now, &random) ?? news
        }
        return news
    }

    /// For a life that was taken over: what it has said once it will not say again.
    mutating func assumeSaid(at now: Moment, _ random: inout SeededRandom) {
        isTakenOver = true
        for role in ProbeRole.allCases where isSaid(role) { _ = answered(role, passed: true, at: now, &random) }
    }

    /// Whether this check waits for something that has been said already.
    private func isSaid(_ role: ProbeRole) -> Bool {
        guard let check = schedules[role]?.spec.check else { return false }
        return check.isNotify && (hasNotice || isTakenOver) || check.isLog && isTakenOver
    }

    private mutating func startupPassed(at now: Moment, _ random: inout SeededRandom) -> News? {
        hasStarted = true
        schedules[.startup]?.stop()
        begin(at: now, &random)
        guard schedules[.readiness] != nil else {
            gate = .passed
            return .passed
        }
        guard isSaid(.readiness) else { return nil }
        return answered(.readiness, passed: true, at: now, &random)
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

    // MARK: - Other probes for a running life

    /// A reload changed the probes. What has been reached is kept until a new probe says otherwise; only a life that had
    /// no gate and gets one has to pass it.
    mutating func adopt(_ probes: ProbeSet, at now: Moment, _ random: inout SeededRandom) {
        for role in ProbeRole.allCases where schedules[role]?.spec != probes[role] {
            schedules[role] = probes[role].map {
                ProbeSchedule($0, startEndsAt: spawnedAt.advanced(by: $0.startPeriod))
            }
        }
        // A life that is past its start does not start again.
        if schedules[.startup] == nil { hasStarted = true }
        begin(at: now, &random)
        switch (gate, schedules[.readiness] != nil) {
        case (.absent, true): gate = .pending
        case (.pending, false) where hasStarted, (.lost, false): gate = schedules[.startup] == nil ? .absent : .passed
        case (.passed, false) where schedules[.startup] == nil: gate = .absent
        case (.absent, false), (.pending, _), (.passed, _), (.lost, true): break
        }
        for role in ProbeRole.allCases where isSaid(role) { _ = answered(role, passed: true, at: now, &random) }
    }
}
