import FleetModel

@testable import FleetLogs

extension String {
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        var copy = self
        return try copy.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
    }
}

extension LogStore {
    /// Times are in seconds since 1970.
    mutating func print(
        _ text: String,
        _ service: String = "web",
        life: Int = 1,
        stream: LogStream = .stdout,
        at seconds: Double = 0
    ) {
        text.withBytes {
            append(
                $0,
                service: ServiceID(service),
                incarnation: Incarnation(life),
                stream: stream,
                time: Timestamp(nanoseconds: Int64(seconds * 1e9))
            )
        }
    }

    func messages(_ filter: String = "", now: Double = 0) throws -> [String] {
        let parsed = try LogFilter.parse(filter, now: Timestamp(nanoseconds: Int64(now * 1e9)))
        return lines(LogRequest(filter: parsed, direction: .forward, limit: 10_000)).records.map(\.message)
    }
}

struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
