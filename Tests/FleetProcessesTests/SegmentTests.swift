import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

struct SegmentTests {
    private let folder: Folder
    private let service = ServiceID("svc")

    init() throws { folder = try Folder() }

    private var segments: SegmentFolder { SegmentFolder(stateDirectory: folder.path, service: service) }
    private var reader: SegmentReader { SegmentReader(stateDirectory: folder.path, service: service) }

    private func writer(maxBytes: Int = 1 << 20, maxSegments: Int = 4) -> SegmentWriter {
        var logging = LoggingSpec()
        logging.maxSegmentBytes = maxBytes
        logging.maxSegments = maxSegments
        return SegmentWriter(folder: segments, logging: logging)
    }

    private func append(
        _ text: String,
        to writer: inout SegmentWriter,
        _ carry: inout LineCarry,
        _ stream: LogStream = .stdout,
        time: Int64 = 1
    ) {
        Array(text.utf8).withUnsafeBytes {
            writer.append(
                $0,
                from: SegmentWriter.Source(stream: stream, incarnation: Incarnation(1)),
                carry: &carry,
                time: Timestamp(nanoseconds: time),
                now: 0
            )
        }
    }

    private func texts(_ lines: [StoredLine]) -> [String] { lines.map { String(decoding: $0.bytes, as: UTF8.self) } }

    private func diskText(_ number: Int) throws -> String {
        try #require(SmallFile.text(segments.logPath(number), limit: 1 << 24))
    }

    @Test func `streams interleave at line boundaries`() throws {
        var writer = writer()
        var out = LineCarry()
        var err = LineCarry()
        append("one\ntw", to: &writer, &out)
        append("oops\n", to: &writer, &err, .stderr)
        append("o\nthree\n", to: &writer, &out)
        #expect(try diskText(1) == "one\noops\ntwo\nthree\n")
        #expect(texts(reader.last(10)) == ["one", "oops", "two", "three"])
        #expect(reader.last(10).map(\.stream) == [.stdout, .stderr, .stdout, .stdout])
    }

    @Test func `a line that was flushed unfinished is one line again when it is read`() throws {
        var writer = writer()
        var out = LineCarry()
        var err = LineCarry()
        let source = SegmentWriter.Source(stream: .stdout, incarnation: Incarnation(1))
        append("load", to: &writer, &out, time: 5)
        writer.flush(&out, from: source, time: Timestamp(nanoseconds: 6))
        append("meanwhile\n", to: &writer, &err, .stderr, time: 7)
        append("ing", to: &writer, &out, time: 8)
        writer.flush(&out, from: source, time: Timestamp(nanoseconds: 9))
        append(" done\nnext\n", to: &writer, &out, time: 10)
        #expect(texts(reader.last(10)) == ["loading done", "meanwhile", "next"])
        #expect(texts(reader.lines(after: reader.last(10)[0].position, limit: 10)) == ["meanwhile", "next"])
        #expect(texts(reader.last(1)) == ["next"])
    }

    @Test func `a line that is written in parts stays in one segment`() throws {
        var writer = writer(maxBytes: 40, maxSegments: 100)
        var out = LineCarry()
        var err = LineCarry()
        let source = SegmentWriter.Source(stream: .stdout, incarnation: Incarnation(1))
        append(String(repeating: "a", count: 30), to: &writer, &out)
        writer.flush(&out, from: source, time: .epoch)
        append("oops oops oops\n", to: &writer, &err, .stderr)
        append("b\nc\n", to: &writer, &out)
        append("next segment\n", to: &writer, &out)
        #expect(segments.numbers == [1, 2])
        #expect(
            texts(reader.last(10)) == [String(repeating: "a", count: 30) + "b", "oops oops oops", "c", "next segment"]
        )
        // One that does not end is torn after all, and nothing of it is lost.
        for _ in 0..<20 {
            append("0123456789", to: &writer, &out)
            writer.flush(&out, from: source, time: .epoch)
        }
        append("\n", to: &writer, &out)
        #expect(segments.numbers.count > 3)
        #expect(texts(reader.last(100)).dropFirst(4).joined() == String(repeating: "0123456789", count: 20))
    }

    @Test func `segments rotate and the oldest go`() throws {
        var writer = writer(maxBytes: 100, maxSegments: 3)
        var out = LineCarry()
        for number in 0..<50 { append("line number \(number)\n", to: &writer, &out, time: Int64(number)) }
        #expect(segments.numbers.count == 3)
        #expect(segments.numbers.allSatisfy { SmallFile.read(segments.logPath($0))?.count ?? 0 <= 100 })
        let lines = reader.last(1000)
        #expect(texts(lines) == (0..<50).suffix(lines.count).map { "line number \($0)" })
        #expect(lines.count > 10)
        #expect(lines.map(\.time.nanoseconds) == (0..<50).suffix(lines.count).map { Int64($0) })
        #expect(!folder.exists("logs/svc/000001.log"))
        #expect(!folder.exists("logs/svc/000001.idx"))
    }

    @Test(arguments: [1, 3, 7, 100])
    func `pages in both directions show every line once`(size: Int) throws {
        var writer = writer(maxBytes: 300, maxSegments: 100)
        var out = LineCarry()
        for number in 0..<40 { append("a\(number)\nb\(number)\n", to: &writer, &out) }
        let all = texts(reader.lines(after: nil, limit: 1000))
        #expect(all.count == 80)
        var forwards: [String] = []
        var position: StoredLine.Position?
        while case let page = reader.lines(after: position, limit: size), !page.isEmpty {
            #expect(page.count <= size)
            forwards += texts(page)
            position = page.last?.position
        }
        #expect(forwards == all)
        var backwards: [String] = []
        position = nil
        while case let page = reader.lines(before: position, limit: size), !page.isEmpty {
            #expect(page.count <= size)
            backwards = texts(page) + backwards
            position = page.first?.position
        }
        #expect(backwards == all)
    }

    @Test func `a new engine begins a new segment and never overwrites`() throws {
        var out = LineCarry()
        var first = writer()
        append("before\n", to: &first, &out)
        var second = writer()
        append("after\n", to: &second, &out)
        #expect(segments.numbers == [1, 2])
        #expect(texts(reader.last(10)) == ["before", "after"])
    }

    @Test func `a crash between data and index loses no line`() throws {
        var out = LineCarry()
        var writer = writer()
        append("indexed\n", to: &writer, &out)
        let handle = try #require(FileHandle(forWritingAtPath: segments.logPath(1)))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("torn\nhal".utf8))
        let index = try #require(FileHandle(forWritingAtPath: segments.indexPath(1)))
        try index.seekToEnd()
        try index.write(contentsOf: Data([1, 2, 3]))
        #expect(texts(reader.last(10)) == ["indexed", "torn", "hal"])
    }

    @Test func `an index that is not ours is survived`() throws {
        var out = LineCarry()
        var writer = writer()
        append("line\n", to: &writer, &out)
        try Data((0..<320).map { _ in UInt8.random(in: 0...255) }).write(
            to: URL(fileURLWithPath: segments.indexPath(1))
        )
        #expect(reader.last(10).count <= 10)
        try FileManager.default.removeItem(atPath: segments.indexPath(1))
        #expect(texts(reader.last(10)) == ["line"])
    }

    @Test func `a long line comes back in bounded pieces with nothing missing`() throws {
        var out = LineCarry()
        var writer = writer(maxBytes: 1 << 24)
        let source = SegmentWriter.Source(stream: .stdout, incarnation: Incarnation(1))
        var expected = 0
        for length in [10_000, 40_000, 60_000, 70_000, 5, 200_000, 65_536, 1] {
            append(String(repeating: "x", count: length), to: &writer, &out)
            if length % 2 == 0 { writer.flush(&out, from: source, time: .epoch) }
            expected += length
        }
        append("\nend\n", to: &writer, &out)
        let lines = reader.lines(after: nil, limit: 1000)
        #expect(texts(lines).last == "end")
        #expect(lines.dropLast().reduce(0) { $0 + $1.bytes.count } == expected)
        #expect(lines.allSatisfy { $0.bytes.count <= 3 * SegmentRecord.lineLimit })
    }

    @Test func `a record survives its bytes`() throws {
        let record = SegmentRecord(
            offset: 1 << 40,
            length: 77,
            time: Timestamp(nanoseconds: 1_700_000_000_123_456_789),
            stream: .stderr,
            incarnation: Incarnation(12),
            continuesLine: true,
            lostBefore: 9
        )
        #expect(record.bytes.count == SegmentRecord.size)
        #expect(record.bytes.withUnsafeBytes { SegmentRecord($0) } == record)
    }

    @Test func `a service's name cannot leave the folder of logs`() {
        #expect(SegmentFolder(stateDirectory: "/s", service: ServiceID("../../etc")).path == "/s/logs/_.._.._etc")
        #expect(SegmentFolder(stateDirectory: "/s", service: ServiceID("users-2")).path == "/s/logs/users-2")
    }
}
