import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct OutputTests {
    @Test func `both streams arrive apart and lie on disk together`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "echo one; echo two >&2; printf three")
            try await harness.emptied()
            #expect(harness.output.text(.stdout) == "one\nthree")
            #expect(harness.output.text(.stderr) == "two\n")
            #expect(Set(harness.output.ended) == [.stdout, .stderr])
            let lines = SegmentReader(stateDirectory: harness.folder.path, service: ServiceID("svc")).last(10)
            #expect(
                Set(lines.map { "\($0.stream) \(String(decoding: $0.bytes, as: UTF8.self))" }) == [
                    "stdout one", "stdout three", "stderr two",
                ]
            )
            #expect(lines.allSatisfy { $0.incarnation == Incarnation(1) && $0.time > .epoch })
        }
    }

    @Test func `the last line before a crash is on disk`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "echo fine; printf 'fatal: out of luck'; kill -KILL $$")
            try await harness.emptied()
            #expect(harness.diskText() == "fine\nfatal: out of luck")
        }
    }

    @Test func `an unfinished line is on disk while the service still runs`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "printf 'password: '; exec sleep 600")
            try await eventually { harness.diskText() == "password: " }
            await harness.signal(SIGKILL)
            try await harness.emptied()
        }
    }

    @Test func `a burst without a newline is taken in bounded pieces`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "head -c 20000000 /dev/zero | tr '\\0' x")
            try await harness.emptied()
            #expect(harness.output.bytes().count == 20_000_000)
            #expect(harness.output.largestBatch <= 1 << 20)
            #expect(harness.diskText().utf8.count == 20_000_000)
            let lines = SegmentReader(stateDirectory: harness.folder.path, service: ServiceID("svc")).lines(
                after: nil,
                limit: 100_000
            )
            #expect(lines.reduce(0) { $0 + $1.bytes.count } == 20_000_000)
            #expect((lines.map(\.bytes.count).max() ?? 0) <= 3 * SegmentRecord.lineLimit)
        }
    }

    @Test func `a line of a megabyte and bytes that are no UTF-8 arrive as they are`() async throws {
        try await withHarness { harness in
            try await harness.start(
                "svc",
                "head -c 1000000 /dev/zero | tr '\\0' y; echo; printf 'a\\377\\376\\200b\\n'"
            )
            try await harness.emptied()
            let bytes = harness.output.bytes()
            #expect(bytes.count == 1_000_007)
            #expect(
                Array(bytes.suffix(6)) == [UInt8(ascii: "a"), 0xFF, 0xFE, 0x80, UInt8(ascii: "b"), UInt8(ascii: "\n")]
            )
            let last = SegmentReader(stateDirectory: harness.folder.path, service: ServiceID("svc")).last(1)
            #expect(last.first?.bytes == [UInt8(ascii: "a"), 0xFF, 0xFE, 0x80, UInt8(ascii: "b")])
        }
    }

    @Test func `every line of a flood on both streams is on disk, in order`() async throws {
        try await withHarness { harness in
            try await harness.start(
                "svc",
                "seq -f 'out %.0f' 1 200000 & seq -f 'err %.0f' 1 200000 >&2 & wait",
                configure: { $0.logging.maxSegmentBytes = 1 << 20 }
            )
            try await harness.emptied()
            let reader = SegmentReader(stateDirectory: harness.folder.path, service: ServiceID("svc"))
            let lines = reader.lines(after: nil, limit: 1_000_000)
            for (stream, prefix) in [(LogStream.stdout, "out"), (.stderr, "err")] {
                let numbers = lines.filter { $0.stream == stream }
                    .map { String(decoding: $0.bytes, as: UTF8.self) }
                #expect(numbers == (1...200_000).map { "\(prefix) \($0)" })
            }
            #expect(SegmentFolder(stateDirectory: harness.folder.path, service: ServiceID("svc")).numbers.count > 1)
        }
    }

    @Test func `a disk that takes nothing is reported once and holds nobody up`() async throws {
        try await withHarness { harness in
            // Where the folder of the segments should be there is a file, which even root cannot write into.
            _ = try harness.folder.write("logs", "")
            try await harness.start("svc", "seq 1 100000")
            try await harness.emptied()
            #expect(harness.termination() == .exited(code: 0))
            #expect(harness.output.text().hasSuffix("\n100000\n"))
            #expect(harness.troubles.all.count == 1)
            #expect(harness.troubles.all.first?.contains("svc") == true)
        }
    }

    @Test func `the next life appends to the same segment`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "echo first")
            try await harness.emptied()
            try await harness.start("svc", "echo second", incarnation: 2)
            try await eventually { harness.events(of: "svc").count == 4 }
            #expect(harness.diskText() == "first\nsecond\n")
            let lines = SegmentReader(stateDirectory: harness.folder.path, service: ServiceID("svc")).last(2)
            #expect(lines.map(\.incarnation) == [Incarnation(1), Incarnation(2)])
        }
    }
}
