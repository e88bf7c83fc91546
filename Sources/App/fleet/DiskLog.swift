import FleetLogs
import FleetModel
import FleetProcesses
import Foundation

/// The log as it lies on disk: everything that was kept of this run and of earlier ones, read without an engine.
struct DiskLog {
    private let filter: LogFilter
    private var sources: [Source]

    /// Lines that are decoded and filtered together.
    private static let chunk = 4_096

    init(stateDirectory: String, services: [ServiceID], filter: LogFilter) {
        self.filter = filter
        sources = services.map { Source(SegmentReader(stateDirectory: stateDirectory, service: $0), $0) }
    }

    /// Services that have segments, sorted.
    static func services(in stateDirectory: String) -> [ServiceID] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(stateDirectory)/logs")) ?? []
        return names.sorted().map { ServiceID($0) }
    }

    /// Every line that matches, oldest first, the services merged by time of arrival.
    mutating func read(_ say: (LogRecord) -> Void) {
        while true {
            var store = LogStore(limits: Self.limits)
            var count = 0
            while count < Self.chunk, let (line, service) = next() {
                Self.append(line, service, to: &store)
                count += 1
            }
            if count == 0 { return }
            let window = store.lines(LogRequest(filter: filter, direction: .forward, limit: LogRequest.largestLimit))
            for record in window.records { say(record) }
        }
    }

    /// A chunk is never evicted while it is looked at, whatever the length of its lines.
    private static let limits: LogLimits = {
        var limits = LogLimits()
        limits.bytesPerService = 1 << 30
        limits.totalBytes = 1 << 30
        limits.floodBytesPerSecond = .max
        return limits
    }()

    private static func append(_ line: StoredLine, _ service: ServiceID, to store: inout LogStore) {
        var bytes = line.bytes
        bytes.append(UInt8(ascii: "\n"))
        bytes.withUnsafeBytes {
            store.append(
                $0,
                service: service,
                incarnation: line.incarnation,
                stream: line.stream,
                time: line.time
            )
        }
    }

    /// The oldest line that was not taken yet.
    private mutating func next() -> (StoredLine, ServiceID)? {
        var oldest: (index: Int, time: Timestamp)?
        for index in sources.indices {
            guard let time = sources[index].peek()?.time else { continue }
            if oldest.map({ time < $0.time }) ?? true { oldest = (index, time) }
        }
        guard let oldest, let line = sources[oldest.index].take() else { return nil }
        return (line, sources[oldest.index].service)
    }

    /// One service's segments, a page at a time.
    private struct Source {
        let service: ServiceID
        private let reader: SegmentReader
        private var lines: ArraySlice<StoredLine> = []
        private var position: StoredLine.Position?
        private var isAtEnd = false

        init(_ reader: SegmentReader, _ service: ServiceID) {
            self.reader = reader
            self.service = service
        }

        mutating func peek() -> StoredLine? {
            if lines.isEmpty, !isAtEnd {
                lines = reader.lines(after: position, limit: DiskLog.chunk)[...]
                position = lines.last?.position ?? position
                isAtEnd = lines.isEmpty
            }
            return lines.first
        }

        mutating func take() -> StoredLine? { lines.popFirst() }
    }
}
