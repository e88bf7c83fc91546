import FleetModel

/// When one probe of one life is asked, and what its answers amount to.
struct ProbeSchedule: Sendable, Equatable {
    enum Standing: Sendable, Equatable { case undecided, passing, failing }

    let spec: ProbeSpec
    /// Until then failures do not count, unless it has passed before.
    private(set) var startEndsAt: Moment
    /// nil while suspended, in flight, or over. Of a check that the service answers unasked: when the patience with it
    /// ends, if it ends.
    private(set) var nextAt: Moment?
    private var askedAt: Moment?
    private var passes = 0
    /// Failures in a row that count; those of the start period do not.
    private var countedFailures = 0
    private(set) var standing = Standing.undecided
    private(set) var hasPassed = false

    init(_ spec: ProbeSpec, startEndsAt: Moment) {
        self.spec = spec
        self.startEndsAt = startEndsAt
    }

    /// The first question comes after half a start interval: most services are not up sooner, and a fleet's first
    /// probes do not fall together.
    mutating func begin(at now: Moment, _ random: inout SeededRandom) {
        guard nextAt == nil, askedAt == nil, !isOver, !spec.check.isNotify else { return }
        nextAt = now + random.jittered(spec.startInterval / 2, by: 0.05)
    }

    /// A check that nobody asks has as long as one that is asked would have.
    var patienceEndsAt: Moment {
        let interval = min(max(.zero, spec.startInterval), .seconds(86_400))
        return startEndsAt.advanced(by: interval * max(1, min(spec.retries, 1000)))
    }

    /// True once when it is due; the next one is planned when the answer is in, so runs never overlap.
    mutating func takeIfDue(at now: Moment) -> Bool {
        guard let due = nextAt, due <= now else { return false }
        nextAt = nil
        askedAt = now
        return true
    }

    mutating func answered(passed: Bool, at now: Moment, _ random: inout SeededRandom) {
        if passed {
            passes = min(passes + 1, 1_000_000)
            countedFailures = 0
            // What is said once is not said three times.
            if passes >= max(1, spec.successes) || spec.check.isNotify || spec.check.isLog {
                standing = .passing
                hasPassed = true
            }
        } else {
            passes = 0
            if hasPassed || startEndsAt <= now { countedFailures = min(countedFailures + 1, 1_000_000) }
            if countedFailures >= max(1, spec.retries) { standing = .failing }
        }
        plan(after: now, &random)
    }

    private mutating func plan(after now: Moment, _ random: inout SeededRandom) {
        let interval = random.jittered(hasPassed ? spec.interval : spec.startInterval, by: 0.05)
        // A probe that outlives its interval delays the next one. 10 ms keeps an interval of nothing from spinning.
        let pause = max(interval, .milliseconds(10))
        let next = max((askedAt ?? now) + pause, now + .milliseconds(10))
        nextAt = isOver || spec.check.isNotify ? nil : hasPassed ? Self.gathered(next, pause) : next
        askedAt = nil
    }

    /// Steady probes fall together in slots of a tenth of a second, so that many services wake an idle engine seldom.
    private static func gathered(_ moment: Moment, _ interval: Duration) -> Moment {
        guard interval >= .milliseconds(900) else { return moment }
        let slot: Int64 = 100_000_000
        let past = moment.nanoseconds % slot
        return past > 0 ? moment + .nanoseconds(slot - past) : moment
    }

    /// The start period lasts longer; it never gets shorter.
    mutating func extendStart(to until: Moment) { startEndsAt = max(startEndsAt, until) }

    mutating func stop() {
        nextAt = nil
    }

    /// A log line that has appeared does not disappear again.
    private var isOver: Bool { spec.check.isLog && hasPassed }
}
