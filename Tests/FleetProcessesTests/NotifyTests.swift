import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct NotifyTests {
    /// Sends each argument as one datagram.
    private static let sender = """
        import os, socket, sys
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.connect(os.environ["NOTIFY_SOCKET"])
        for text in sys.argv[1:]:
            s.send(text.encode())
        """

    private func path(_ harness: Harness) async -> String? {
        let folder = await harness.host.notifyFolder.path ?? ""
        return SmallFile.names(in: folder).first { $0.hasPrefix("n-") }.map { "\(folder)/\($0)" }
    }

    @Test func `messages arrive in order, before the exit, and the socket goes with the life`() async throws {
        try await withHarness { harness in
            let script = try harness.folder.write("send.py", Self.sender)
            try await harness.start(
                "svc",
                "python3 \(script) READY=1 'STATUS=warming up' STOPPING=1; while ! [ -e go ]; do sleep 0.01; done; exec python3 \(script) LAST=1"
            )
            try await eventually { harness.notes().count == 3 }
            let socket = try #require(await path(harness))
            #expect(LeaseFolder(stateDirectory: harness.folder.path).leases.first?.notifyPath == socket)
            _ = try harness.folder.write("go", "")
            try await harness.emptied()
            #expect(harness.notes() == ["READY=1", "STATUS=warming up", "STOPPING=1", "LAST=1"])
            let kinds = harness.events(of: "svc").suffix(3)
            #expect(
                Array(kinds) == [
                    .notified(ServiceID("svc"), Incarnation(1), "LAST=1"),
                    .exited(ServiceID("svc"), Incarnation(1), .exited(code: 0)),
                    .treeEmptied(ServiceID("svc"), Incarnation(1)),
                ]
            )
            #expect(access(socket, F_OK) != 0)
        }
    }

    @Test func `the last message comes before the exit however busy the reader is`() async throws {
        try await withHarness(configure: { $0.drainThreads = 1 }) { harness in
            let script = try harness.folder.write("last.py", Self.sender + "\nos._exit(0)")
            try await harness.start("flood", "exec yes") { $0.logging.maxSegments = 1 }
            for number in 1...10 {
                try await harness.start("svc-\(number)", "exec python3 \(script) LAST=1")
                try await harness.emptied("svc-\(number)")
                #expect(
                    harness.events(of: "svc-\(number)").first
                        == .notified(ServiceID("svc-\(number)"), Incarnation(1), "LAST=1")
                )
            }
            await harness.signal(SIGKILL, "flood")
            try await harness.emptied("flood")
        }
    }

    @Test func `what is too long or no text is ignored, and a flood is bounded`() async throws {
        try await withHarness { harness in
            let script = try harness.folder.write(
                "flood.py",
                """
                import os, socket
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.connect(os.environ["NOTIFY_SOCKET"])
                s.send(b"x" * 5000)
                s.send(b"\\xff\\xfe")
                s.send(b"")
                s.send(b"y" * 4096)
                for i in range(5000): s.send(b"STATUS=%d" % i)
                print("sent", flush=True)
                """
            )
            try await harness.start("svc", "exec python3 \(script)")
            try await harness.emptied()
            #expect(harness.output.text() == "sent\n")
            let notes = harness.notes()
            #expect(notes.first == String(repeating: "y", count: 4096))
            let numbers = notes.dropFirst().compactMap { Int($0.dropFirst("STATUS=".count)) }
            #expect(numbers.count == notes.count - 1)
            #expect(numbers == numbers.sorted())
        }
    }

    @Test func `a watchdog is told its time and the process it is meant for`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "echo $$ $WATCHDOG_PID $WATCHDOG_USEC; test -S $NOTIFY_SOCKET && echo there")
            {
                $0.watchdog = .milliseconds(1500)
            }
            try await harness.emptied()
            let lines = harness.output.text().split(separator: "\n")
            let words = lines.first?.split(separator: " ") ?? []
            #expect(words.count == 3 && words[0] == words[1] && words[2] == "1500000")
            #expect(lines.last == "there")
        }
    }

    @Test func `the folder of the sockets is one that is short enough`() {
        func folder(_ state: String, _ socket: String) -> String? {
            var settings = HostSettings(stateDirectory: state, runID: "r")
            settings.guardianOrders.socketPath = socket
            return NotifyFolder(settings).path
        }
        let long = "/home/\(String(repeating: "long", count: 30))"
        #expect(folder("/state", "/run/user/1/fleet/abc/ctl.sock") == "/run/user/1/fleet/abc")
        #expect(folder("/state", "") == "/state")
        #expect(folder("/state", "\(long)/ctl.sock") == "/state")
        #expect(folder(long, "")?.hasPrefix("/tmp/fleet-") == true)
        var settings = HostSettings(stateDirectory: long, runID: "r")
        settings.guardianOrders.socketPath = ""
        #expect((NotifyFolder(settings).path(for: "run/svc/1")?.utf8.count ?? 999) <= 100)
    }
}
