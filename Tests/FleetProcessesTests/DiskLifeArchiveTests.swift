import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

struct DiskLifeArchiveTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private var archive: DiskLifeArchive { DiskLifeArchive(stateDirectory: folder.path) }

    private func life(_ service: String = "users", _ incarnation: Int, at second: Int, pid: Int32? = nil) -> LifeRecord
    {
        var record = LifeRecord(
            service: ServiceID(service),
            incarnation: Incarnation(incarnation),
            startedAt: Timestamp(nanoseconds: Int64(second) * 1_000_000_000)
        )
        record.pid = pid.map { ProcessID($0) }
        record.startCause = "start"
        return record
    }

    @Test func `every field of a life survives`() {
        var record = life("users-2", 3, at: 1_000, pid: 4711)
        record.timeToReady = .milliseconds(1_234)
        record.endedAt = Timestamp(nanoseconds: 1_002_500_000_000)
        record.termination = .signalled(11, coreDumped: true)
        record.startCause = "restart #3: exit 1 after 2s"
        record.endCause = "exit 139 (SIGSEGV, core dumped)"
        record.lastErrors = ["panic: \"quoted\"\u{1b}[31m", "", "zeile mit ümlaut"]
        archive.save(record)
        archive.save(life("bus", 1, at: 5))
        let loaded = archive.load()
        #expect(loaded == [ServiceID("users-2"): [record], ServiceID("bus"): [life("bus", 1, at: 5)]])
    }

    @Test func `the last twenty of each service are kept, oldest first`() {
        let writer = archive
        for number in 1...25 { writer.save(life("users", number, at: number * 10)) }
        writer.save(life("bus", 1, at: 1))
        let kept = archive.load()[ServiceID("users")] ?? []
        #expect(kept.map(\.incarnation.ordinal) == Array(6...25))
        #expect(kept == writer.load()[ServiceID("users")])
        #expect(archive.load()[ServiceID("bus")]?.count == 1)
    }

    @Test func `a life that goes on replaces its record`() {
        let writer = archive
        var record = life("users", 1, at: 100)
        writer.save(record)
        record.pid = ProcessID(4711)
        writer.save(record)
        // The wall clock may have been corrected a little in between.
        record.startedAt = Timestamp(nanoseconds: 100_000_400_000)
        record.endedAt = Timestamp(nanoseconds: 160_000_000_000)
        record.termination = .exited(code: 1)
        writer.save(record)
        #expect(archive.load()[ServiceID("users")] == [record])
    }

    @Test func `the first life of the next engine is another one than the first of the last`() {
        var old = life("users", 1, at: 100, pid: 4711)
        archive.save(old)
        old.endedAt = Timestamp(nanoseconds: 130_000_000_000)
        archive.save(old)
        let new = life("users", 1, at: 140, pid: 4800)
        let writer = archive
        writer.save(life("users", 1, at: 140))
        writer.save(new)
        #expect(archive.load()[ServiceID("users")] == [old, new])
    }

    @Test func `whoever was killed before it could say the end is not taken for its successor`() {
        let writer = archive
        // Another process, seconds later: an engine that was killed and started again at once.
        writer.save(life("users", 1, at: 100, pid: 4711))
        writer.save(life("users", 1, at: 104, pid: 4712))
        // Another start, without a process to tell by.
        writer.save(life("bus", 1, at: 100))
        writer.save(life("bus", 1, at: 400))
        // One that had ended, and one that began since.
        var ended = life("orders", 1, at: 100)
        ended.endedAt = Timestamp(nanoseconds: 102_000_000_000)
        writer.save(ended)
        writer.save(life("orders", 1, at: 110))
        for service in ["users", "bus", "orders"] {
            #expect(writer.load()[ServiceID(service)]?.count == 2, "\(service)")
        }
    }

    @Test func `wherever a file was cut off, the whole records before it are kept`() throws {
        let writer = archive
        for number in 1...3 { writer.save(life("users", number, at: number * 100)) }
        let path = "\(folder.path)/lives/users.jsonl"
        let bytes = try #require(SmallFile.read(path))
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        for length in 0...bytes.count {
            try Data(bytes.prefix(length)).write(to: URL(fileURLWithPath: path))
            let whole = ends.count { $0 <= length }
            let loaded = archive.load()[ServiceID("users")]?.count ?? 0
            #expect(loaded == whole, "cut off after \(length) bytes")
        }
    }

    @Test func `garbage is left out, the rest is kept, and the next save cleans up`() throws {
        archive.save(life("users", 1, at: 100))
        let path = "\(folder.path)/lives/users.jsonl"
        let good = try #require(SmallFile.text(path))
        let foreign = good.replacing("users", with: "orders")
        let garbage = "\u{0}\u{1}\u{2}\n{\"service\":\"users\"}\n[[[[\n\(foreign)\(good)null\n\n"
        try garbage.write(toFile: path, atomically: true, encoding: .utf8)
        // A draft of a save during which the engine was killed.
        try "half".write(toFile: path + ".new", atomically: true, encoding: .utf8)
        try "x".write(toFile: "\(folder.path)/lives/notes.txt", atomically: true, encoding: .utf8)
        let writer = archive
        #expect(writer.load() == [ServiceID("users"): [life("users", 1, at: 100)]])
        writer.save(life("users", 2, at: 200))
        #expect(SmallFile.text(path)?.split(separator: "\n").count == 2)
        #expect(!folder.exists("lives/users.jsonl.new"))
    }

    @Test func `a chatty service does not fill the file`() throws {
        var record = life("users", 1, at: 1)
        record.lastErrors = (0..<100).map { "\($0) " + String(repeating: "x", count: 70_000) }
        record.endCause = String(repeating: "y", count: 100_000)
        archive.save(record)
        let loaded = try #require(archive.load()[ServiceID("users")]?.first)
        #expect(loaded.lastErrors.count == 20)
        #expect(loaded.lastErrors.first?.hasPrefix("80 xxx") == true)
        #expect((SmallFile.read("\(folder.path)/lives/users.jsonl")?.count ?? 0) < 60_000)
    }

    @Test func `a name cannot leave the folder`() {
        archive.save(life("../../etc/x", 1, at: 1))
        #expect(folder.exists("lives/..%2f..%2fetc%2fx.jsonl"))
        #expect(archive.load()[ServiceID("../../etc/x")]?.count == 1)
    }

    @Test func `a folder that cannot be written costs nothing but the memory`() {
        let writer = DiskLifeArchive(stateDirectory: "/proc/nowhere")
        writer.save(life("users", 1, at: 1))
        #expect(writer.load()[ServiceID("users")]?.count == 1)
    }
}
