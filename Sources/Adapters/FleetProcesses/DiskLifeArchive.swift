internal import FleetEngine
package import FleetModel
internal import Glibc
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Remembers the last lives of each service in `<state>/lives/<service>.jsonl`, one record a line, oldest first. A file
/// is replaced as a whole, so that being killed at any moment loses at most the newest record; lines that are no
/// records (a truncated file, somebody's editor) are left out and the rest is kept.
package final class DiskLifeArchive: LifeArchive {
    private let folder: String
    private let records: Mutex<[ServiceID: [LifeRecord]]>

    /// Services beyond it are not read; a manifest has fewer.
    private static let serviceLimit = 2_048
    private static let fileLimit = 4 << 20
    private static let lineLimit = 2_048

    /// - Parameter stateDirectory: of the manifest. Read once, now; one archive at a time writes there.
    package init(stateDirectory: String) {
        folder = "\(stateDirectory)/lives"
        var records: [ServiceID: [LifeRecord]] = [:]
        for name in SmallFile.names(in: folder).sorted().prefix(Self.serviceLimit) where name.hasSuffix(".jsonl") {
            let found = Self.read("\(folder)/\(name)").filter { Self.fileName(of: $0.service) == name }
            if let service = found.first?.service { records[service] = found }
        }
        self.records = Mutex(records)
    }

    package func load() -> [ServiceID: [LifeRecord]] { records.withLock { $0 } }

    package func save(_ record: LifeRecord) {
        let record = Self.bounded(record)
        records.withLock { records in
            var lives = records[record.service] ?? []
            if let index = lives.firstIndex(where: { Self.isSameLife($0, record) }) {
                lives[index] = record
            } else {
                lives.append(record)
            }
            lives = Self.newest(lives)
            records[record.service] = lives
            write(lives, of: record.service)
        }
    }

    /// Engines count incarnations from one again, and clocks are set: a record is of the same life when nothing speaks
    /// against it.
    private static func isSameLife(_ old: LifeRecord, _ new: LifeRecord) -> Bool {
        guard old.incarnation == new.incarnation else { return false }
        if let oldProcess = old.pid, let newProcess = new.pid, oldProcess != newProcess { return false }
        let distance = abs(old.startedAt.distance(to: new.startedAt).inSeconds)
        return distance < 60 && (old.endedAt == nil || old.endedAt == new.endedAt || distance < 1)
    }

    private static func newest(_ lives: [LifeRecord]) -> [LifeRecord] {
        Array(lives.sorted { $0.startedAt < $1.startedAt }.suffix(LifeRecord.kept))
    }

    // MARK: Disk

    private func write(_ lives: [LifeRecord], of service: ServiceID) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = lives.compactMap { life in
            (try? encoder.encode(life)).map { String(decoding: $0, as: UTF8.self) + "\n" }
        }
        _ = SmallFile.makeFolder(folder)
        // A full disk costs the memory of this life, and is told by whoever writes the logs.
        _ = SmallFile.replace("\(folder)/\(Self.fileName(of: service))", with: lines.joined())
    }

    private static func read(_ path: String) -> [LifeRecord] {
        let bytes = SmallFile.read(path, limit: fileLimit) ?? []
        let decoder = JSONDecoder()
        let lives = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            try? decoder.decode(LifeRecord.self, from: Data(line))
        }
        return newest(lives.map(bounded))
    }

    /// Names of services are tame; what else a record may hold is written as its bytes.
    static func fileName(of service: ServiceID) -> String {
        let name = service.rawValue.utf8.prefix(100).map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default: "%" + String(byte, radix: 16)
            }
        }
        return name.joined() + ".jsonl"
    }

    /// Twenty lines of a log may be twenty times 64 KiB.
    private static func bounded(_ record: LifeRecord) -> LifeRecord {
        var record = record
        record.lastErrors = record.lastErrors.suffix(LifeRecord.kept).map(shortened)
        record.startCause = shortened(record.startCause)
        record.endCause = shortened(record.endCause)
        return record
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > lineLimit else { return text }
        return String(decoding: text.utf8.prefix(lineLimit), as: UTF8.self) + "…"
    }
}
