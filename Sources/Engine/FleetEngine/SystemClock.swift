package import FleetModel
// Time zones by name.
import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The machine's clocks: monotonic for supervision, wall for telemetry.
package struct SystemClock: EngineClock {
    private let origin = ContinuousClock.now

    package init() {}

    package var now: Moment {
        Moment(nanoseconds: origin.duration(to: .now).wholeNanoseconds)
    }

    package var wallTime: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    package var utcOffset: Duration {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        return .seconds(local.tm_gmtoff)
    }

    package func utcOffset(ofZone name: String) -> Duration? {
        TimeZone(identifier: name).map { .seconds($0.secondsFromGMT()) }
    }

    package func sleep(until moment: Moment) async throws {
        try await ContinuousClock().sleep(until: origin + .nanoseconds(moment.nanoseconds))
    }
}

extension EngineClock {
    func sleep(for duration: Duration) async throws {
        try await sleep(until: now + duration)
    }
}
