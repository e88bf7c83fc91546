import FleetModel
import FleetSupervision

/// Runs one job at its times. Interval: from one start to the next. Cron: by the wall clock, looked at again at least
/// every half minute, so that a clock that was set and a machine that slept are noticed: what came due meanwhile runs
/// once; after a step back the next time is counted from the new present, and nothing runs twice within its own hour.
struct ScheduleLoop: Sendable {
    let service: ServiceName
    let schedule: ScheduleSpec
    let mailbox: Mailbox
    let board: SnapshotBoard
    let journal: Journal
    let clock: any EngineClock

    private static let longestSleep = Duration.seconds(30)
    /// A smaller difference between the two clocks is drift.
    private static let noticeableJump = Duration.seconds(60)
    /// Keeps an interval of nothing from spinning.
    private static let shortestInterval = Duration.milliseconds(100)

    static func schedules(of roster: FleetRoster) -> [ServiceName: ScheduleSpec] {
        var schedules: [ServiceName: ScheduleSpec] = [:]
        for service in roster.fleet.services where service.isEnabled {
            if let schedule = service.schedule { schedules[service.name] = schedule }
        }
        return schedules
    }

    func run() async {
        defer { board.put(notes: { $0.nextRuns[service] = nil }) }
        switch schedule.trigger {
        case .interval(let interval): await run(every: max(interval, Self.shortestInterval))
        case .cron(let text):
            do throws(CronSchedule.Trouble) {
                await run(by: try CronSchedule(parsing: text))
            } catch {
                journal.record(nil, .fleet, .error, "\(service) never runs by itself: \(error)")
            }
        }
    }

    private func run(every interval: Duration) async {
        var due = clock.now + interval
        while !Task.isCancelled {
            announce(clock.wallTime + clock.now.distance(to: due))
            guard (try? await clock.sleep(until: due)) != nil else { return }
            mailbox.post(.scheduled(service))
            // After a long sleep of the machine missed runs are not made up for.
            due = due + interval
            if due <= clock.now { due = clock.now + interval }
        }
    }

    private func run(by cron: CronSchedule) async {
        var offset = utcOffset
        var next = cron.next(after: clock.wallTime, utcOffset: offset)
        while !Task.isCancelled, let due = next {
            announce(due)
            let (wall, moment) = (clock.wallTime, clock.now)
            let pause = min(max(wall.distance(to: due), .milliseconds(1)), Self.longestSleep)
            guard (try? await clock.sleep(for: pause)) != nil else { return }
            let isDue = clock.wallTime >= due
            if isDue { mailbox.post(.scheduled(service)) }
            let jump = wall.distance(to: clock.wallTime) - moment.distance(to: clock.now)
            // Summer time begins or ends.
            let isOtherOffset = utcOffset != offset
            guard isDue || isOtherOffset || jump < .zero - Self.noticeableJump else { continue }
            offset = utcOffset
            next = cron.next(after: clock.wallTime, utcOffset: offset)
        }
    }

    private var utcOffset: Duration {
        schedule.utcOffset ?? schedule.timeZone.flatMap(clock.utcOffset(ofZone:)) ?? clock.utcOffset
    }

    private func announce(_ time: Timestamp) {
        board.put(notes: { $0.nextRuns[service] = time })
    }
}
