import FleetModel

/// Where a line's bytes are and what is known of it without looking at them: 24 bytes.
struct LineEntry: Sendable {
    var time: Int64
    var offset: UInt32
    var length: UInt32
    /// Since the slab's first id.
    var idDelta: UInt32
    var severity: UInt8
    var flags: Flags
    /// Since the slab's first incarnation.
    var incarnationDelta: UInt16

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8

        static let stderr = Flags(rawValue: 1)
        /// Our own words about the service.
        static let fleet = Flags(rawValue: 2)
        /// A part of the line before it.
        static let continuation = Flags(rawValue: 4)
        /// Holds escape sequences or other control bytes.
        static let needsCleaning = Flags(rawValue: 8)
        /// Arrived in a flood and was not looked at; its severity is found when somebody asks.
        static let unclassified = Flags(rawValue: 16)
    }

    var stream: LogStream {
        if flags.contains(.fleet) { return .fleet }
        return flags.contains(.stderr) ? .stderr : .stdout
    }
}

/// About 64 KiB of lines of one service with their index. A full slab never changes again, so copies of the store share it
/// and counts taken over it stay true.
struct LogSlab: Sendable {
    static let capacity = 65_536

    /// Unique among all slabs of a store.
    let serial: Int
    private(set) var bytes: [UInt8] = []
    private(set) var entries: [LineEntry] = []
    private(set) var firstID = 0
    private(set) var lastID = -1
    private(set) var earliest = Int64.max
    private(set) var latest = Int64.min
    /// One bit per severity that occurs; all bits when a line was not looked at.
    private(set) var severities: UInt32 = 0
    private var firstIncarnation = 0

    init(serial: Int) { self.serial = serial }

    var isEmpty: Bool { entries.isEmpty }

    /// Bytes of memory, index included.
    var footprint: Int { bytes.count + entries.count * MemoryLayout<LineEntry>.stride }

    func hasRoom(for length: Int, id: Int, incarnation: Incarnation) -> Bool {
        guard !entries.isEmpty else { return true }
        return bytes.count + length <= Self.capacity && entries.count < 4096 && id - firstID < Int(UInt32.max)
            && (0...Int(UInt16.max)).contains(incarnation.ordinal - firstIncarnation)
    }

    /// - Precondition: `hasRoom` said so.
    mutating func append(_ line: Bytes, _ facts: LineStamp) {
        if entries.isEmpty {
            firstID = facts.id
            firstIncarnation = facts.incarnation.ordinal
        }
        entries.append(
            LineEntry(
                time: facts.time.nanoseconds,
                offset: UInt32(truncatingIfNeeded: bytes.count),
                length: UInt32(truncatingIfNeeded: line.count),
                idDelta: UInt32(truncatingIfNeeded: facts.id - firstID),
                severity: facts.severity.rawValue,
                flags: facts.flags,
                incarnationDelta: UInt16(truncatingIfNeeded: facts.incarnation.ordinal - firstIncarnation)
            )
        )
        bytes.append(contentsOf: line)
        lastID = facts.id
        earliest = min(earliest, facts.time.nanoseconds)
        latest = max(latest, facts.time.nanoseconds)
        severities |= facts.flags.contains(.unclassified) ? .max : Self.bit(facts.severity.rawValue)
    }

    /// Gives back what growing reserved.
    mutating func seal() {
        if entries.capacity > entries.count + entries.count / 8 { entries = Array(entries.map { $0 }) }
    }

    func id(at index: Int) -> Int { firstID &+ Int(entries[index].idDelta) }

    func incarnation(at index: Int) -> Incarnation {
        Incarnation(firstIncarnation + Int(entries[index].incarnationDelta))
    }

    /// The first entry whose id is at least `id`, or the count.
    func index(ofID id: Int) -> Int {
        if id <= firstID { return 0 }
        if id > lastID { return entries.count }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if self.id(at: middle) < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    static func bit(_ severity: UInt8) -> UInt32 { 1 << UInt32(min(severity, 31)) }
}

/// What a line is stamped with when it is stored.
struct LineStamp {
    var id: Int
    var time: Timestamp
    var incarnation: Incarnation
    var severity: LogSeverity
    var flags: LineEntry.Flags
}
