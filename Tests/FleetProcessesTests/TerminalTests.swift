import FleetEngine
import FleetModel
import Foundation
import Synchronization
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct TerminalTests {
    private let service = ServiceID("svc")

    /// Everything that a stream gave so far.
    private final class Watcher: Sendable {
        private let state = Mutex((bytes: [UInt8](), hasEnded: false))

        init(_ stream: AsyncStream<[UInt8]>) {
            Task { [weak self] in
                for await chunk in stream { self?.state.withLock { $0.bytes += chunk } }
                self?.state.withLock { $0.hasEnded = true }
            }
        }

        var text: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }
        var hasEnded: Bool { state.withLock { $0.hasEnded } }
    }

    @discardableResult
    private func start(
        _ harness: Harness,
        _ script: String,
        incarnation: Int = 1,
        grace: Duration = .seconds(10)
    ) async throws -> ProcessID {
        try await harness.start("svc", script, incarnation: incarnation) {
            $0.hasTerminal = true
            $0.stop.gracePeriod = grace
        }
    }

    @Test func `a service has a terminal of its own, on all three descriptors, and it is the controlling one`()
        async throws
    {
        try await withHarness { harness in
            let pid = try await start(
                harness,
                "tty; stty size; echo $TERM; echo oops >&2; echo direct >/dev/tty; ls -l /proc/$$/fd | grep -c pts; exec sleep 600"
            )
            try await eventually { harness.output.text().contains("direct\r\n3\r\n") }
            let lines = harness.output.text().split(separator: "\r\n")
            #expect(lines.first?.hasPrefix("/dev/pts/") == true)
            #expect(Array(lines.dropFirst()) == ["24 80", "xterm-256color", "oops", "direct", "3"])
            let stat = try #require(SmallFile.text("/proc/\(pid)/stat"))
            let fields = try #require(stat.split(separator: ")").last).split(separator: " ")
            // Group, session, terminal, foreground group of the terminal (proc(5), fields 5 to 8).
            #expect(fields[2] == "\(pid)" && fields[3] == "\(pid)" && fields[4] != "0" && fields[5] == "\(pid)")
            await harness.signal(SIGKILL)
            try await harness.emptied()
            #expect(harness.output.ended == [.stdout])
            #expect(harness.diskText().contains("oops\r\ndirect\r\n"))
        }
    }

    @Test func `a service without a terminal cannot reach one`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "(echo stolen >/dev/tty) 2>/dev/null || echo none")
            try await harness.emptied()
            #expect(harness.output.text() == "none\n")
            #expect(await harness.host.terminalOutput(of: service) == nil)
        }
    }

    @Test func `a terminal that nobody looks at is read all the same, to its last byte`() async throws {
        try await withHarness { harness in
            try await start(harness, "seq 1 100000")
            try await harness.emptied()
            #expect(harness.termination() == .exited(code: 0))
            #expect(harness.output.text().hasSuffix("\r\n100000\r\n"))
            #expect(harness.diskText() == (1...100_000).map { "\($0)\r\n" }.joined())
        }
    }

    @Test func `a program that closes its terminal for a moment is still heard`() async throws {
        try await withHarness { harness in
            try await start(harness, "exec 0<&- 1>&- 2>&-; sleep 0.3; exec >/dev/tty; echo back")
            try await harness.emptied()
            #expect(harness.output.text() == "back\r\n")
        }
    }

    @Test func `whoever looks later sees the last screenful, then what comes, across lives`() async throws {
        try await withHarness { harness in
            try await start(harness, "echo early; while ! [ -e go ]; do sleep 0.01; done; echo late")
            try await eventually { harness.output.text() == "early\r\n" }
            let watcher = Watcher(try #require(await harness.host.terminalOutput(of: service)))
            try await eventually { watcher.text == "early\r\n" }
            _ = try harness.folder.write("go", "")
            try await eventually { watcher.text == "early\r\nlate\r\n" }
            try await harness.emptied()
            try await start(harness, "echo again; exec sleep 600", incarnation: 2)
            try await eventually { watcher.text == "early\r\nlate\r\nagain\r\n" }
            #expect(!watcher.hasEnded)
            await harness.host.signal(service, Incarnation(2), SIGKILL, scope: .session)
            try await eventually { harness.events(of: "svc").count == 4 }
            await harness.host.forget(service)
            try await eventually { watcher.hasEnded }
            #expect(await harness.host.terminalOutput(of: service) == nil)
        }
    }

    @Test func `what is typed is read by the service, and control characters do what they do`() async throws {
        try await withHarness { harness in
            try await start(
                harness,
                "read name; echo hello $name; trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 0.05; done"
            )
            #expect(await harness.host.write(Array("world\n".utf8), to: service))
            try await eventually { harness.output.text().hasSuffix("hello world\r\nready\r\n") }
            #expect(await harness.host.write([3], to: service))
            try await harness.emptied()
            #expect(harness.termination() == .exited(code: 3))
            #expect(harness.output.text().contains("interrupted"))
            #expect(await !harness.host.write([3], to: service))
        }
    }

    @Test func `a new size is told to the program, and the next life begins with it`() async throws {
        try await withHarness { harness in
            try await start(harness, "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done")
            try await eventually { harness.output.text() == "ready\r\n" }
            await harness.host.resize(service, columns: 132, rows: 50)
            try await eventually { harness.output.text() == "ready\r\n50 132\r\n" }
            await harness.host.resize(service, columns: -5, rows: 1_000_000)
            try await eventually { harness.output.text().hasSuffix("4096 1\r\n") }
            await harness.host.resize(service, columns: 100, rows: 40)
            await harness.signal(SIGKILL)
            try await harness.emptied()
            try await start(harness, "stty size", incarnation: 2)
            try await eventually { harness.output.text().hasSuffix("40 100\r\n") }
        }
    }

    @Test func `a program that ignores the stop signal is hung up on at half the grace period`() async throws {
        try await withHarness { harness in
            try await start(
                harness,
                "trap '' TERM; trap 'echo hung up; exit 0' HUP; echo ready; while :; do sleep 0.02; done",
                grace: .seconds(2)
            )
            try await eventually { harness.output.text() == "ready\r\n" }
            let asked = ContinuousClock.now
            await harness.signal(SIGTERM)
            try await harness.emptied()
            #expect(ContinuousClock.now - asked >= .seconds(1))
            #expect(harness.termination() == .exited(code: 0))
            #expect(harness.output.text().hasSuffix("hung up\r\n"))
        }
    }

    @Test func `an input that is kept open is a pipe that can be written to`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "while read line; do echo \"got $line\"; done") { $0.keepsInputOpen = true }
            #expect(await harness.host.write(Array("one\ntwo\n".utf8), to: service))
            try await eventually { harness.output.text() == "got one\ngot two\n" }
            await harness.signal(SIGKILL)
            try await harness.emptied()
        }
    }

    @Test func `a service that does not read gets a bounded backlog, and all of it once it reads`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "while ! [ -e go ]; do sleep 0.01; done; exec cat") {
                $0.keepsInputOpen = true
            }
            let piece = Array(String(repeating: "x", count: 1023).utf8) + [UInt8(ascii: "\n")]
            var accepted = 0
            while await harness.host.write(piece, to: service) { accepted += 1 }
            #expect(accepted * 1024 >= LifeInput.limit)
            #expect(accepted * 1024 <= LifeInput.limit + (2 << 20))
            _ = try harness.folder.write("go", "")
            try await eventually { harness.output.bytes().count == accepted * 1024 }
            await harness.signal(SIGKILL)
            try await harness.emptied()
        }
    }

    @Test func `a service without an input takes none, and one that closed it does no harm`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "exec sleep 600")
            #expect(await !harness.host.write([65], to: service))
            #expect(await !harness.host.write([65], to: ServiceID("nobody")))
            await harness.signal(SIGKILL)
            try await harness.emptied()
            try await harness.start("deaf", "exec 0<&-; echo deaf; exec sleep 600") { $0.keepsInputOpen = true }
            try await eventually { harness.output.text().hasSuffix("deaf\n") }
            // A child of another test that is being started may hold a copy of the reading end until its exec.
            try await eventually { await !harness.host.write([65], to: ServiceID("deaf")) }
            await harness.signal(SIGKILL, "deaf")
            try await harness.emptied("deaf")
        }
    }

    @Test func `a slow subscriber loses the oldest and goes on with the newest`() async throws {
        let screen = TerminalScreen()
        let stream = screen.subscribe()
        for number in 0..<1000 { Array("\(number)\n".utf8).withUnsafeBytes { screen.received($0) } }
        #expect(screen.dropped == 1000 - TerminalScreen.backlogLimit)
        screen.close()
        var chunks: [String] = []
        for await chunk in stream { chunks.append(String(decoding: chunk, as: UTF8.self)) }
        #expect(chunks == (1000 - TerminalScreen.backlogLimit..<1000).map { "\($0)\n" })
        // Whoever comes after the end still sees what there was.
        var late: [UInt8] = []
        for await chunk in screen.subscribe() { late += chunk }
        #expect(String(decoding: late, as: UTF8.self) == (0..<1000).map { "\($0)\n" }.joined())
    }

    @Test func `the replay is bounded and begins behind a newline`() {
        let recent = (0..<100_000).flatMap { Array("line \($0)\r\n".utf8) }
        let replay = TerminalScreen.replay(recent)
        #expect(replay.count <= TerminalScreen.replayLimit)
        #expect(replay.count > TerminalScreen.replayLimit - 100)
        #expect(String(decoding: replay, as: UTF8.self).hasPrefix("line "))
        #expect(TerminalScreen.replay([1, 2]) == [1, 2])
    }
}
