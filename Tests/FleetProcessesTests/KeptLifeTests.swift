import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

/// Engines here are hosts; closing one while its services live is what a killed engine leaves.
@Suite(.timeLimit(.minutes(10)))
struct KeptLifeTests {
    private let service = ServiceID("svc")

    /// Runs the body with two engines' hosts, one after the other in the same folder.
    private func withSuccession(
        _ first: (Harness) async throws -> Void,
        _ second: (Harness) async throws -> Void
    ) async throws {
        let former = try await Harness()
        do {
            try await first(former)
            await former.host.close()
            let latter = try await Harness(in: former.folder)
            do {
                try await second(latter)
            } catch {
                await latter.close()
                throw error
            }
            await latter.close()
        } catch {
            await former.close()
            throw error
        }
        await former.close()
    }

    private func launch(
        _ harness: Harness,
        _ script: String,
        _ change: (inout ServiceSpec) -> Void = { _ in }
    ) -> Launch {
        harness.launch("svc", script, incarnation: 7) {
            $0.onEngineDeath = .keep
            change(&$0)
        }
    }

    @Test func `the next engine takes over, no line is lost, and the end is seen`() async throws {
        let script =
            "seq 1 1000; while ! [ -e go ]; do sleep 0.01; done; seq 1001 300000; echo done >&2; while ! [ -e end ]; do sleep 0.01; done; exit 5"
        var pid = ProcessID(1)
        try await withSuccession {
            pid = try await $0.host.spawn(launch($0, script))
            let first = $0
            try await eventually { first.output.text().hasSuffix("\n1000\n") }
        } _: { harness in
            // While there is no engine it writes more than a FIFO holds, and waits.
            _ = try harness.folder.write("go", "")
            await StaleLeases.reclaim(stateDirectory: harness.folder.path, except: harness.runID)
            let adopted = await harness.host.adopt([launch(harness, script)])
            #expect(adopted.map(\.pid) == [pid])
            #expect(adopted.first?.service == service)
            #expect(adopted.first?.incarnation == Incarnation(7))
            #expect((adopted.first?.age ?? .seconds(1_000_000)) < .seconds(600))
            try await eventually { harness.output.text(.stderr) == "done\n" }
            let lines = SegmentReader(stateDirectory: harness.folder.path, service: service)
                .lines(after: nil, limit: 1_000_000).filter { $0.stream == .stdout }
            #expect(lines.map { String(decoding: $0.bytes, as: UTF8.self) } == (1...300_000).map(String.init))
            #expect(await harness.host.tree(of: service).first?.pid == pid)
            #expect(await harness.host.usage()[service]?.processCount ?? 0 >= 1)
            _ = try harness.folder.write("end", "")
            try await harness.emptied()
            #expect(harness.events(of: "svc").first == .exited(service, Incarnation(7), .unobserved))
            #expect(LeaseFolder(stateDirectory: harness.folder.path).leases.isEmpty)
            #expect(SmallFile.names(in: "\(harness.folder.path)/kept").isEmpty)
        }
    }

    @Test func `an adopted life is stopped with its whole tree, strays and all`() async throws {
        let script = "setsid sleep 600 & (setsid sleep 601 &) ; sleep 602 & echo up; wait"
        try await withSuccession {
            _ = try await $0.host.spawn(launch($0, script))
            let first = $0
            try await eventually { Set(first.survivors.map(\.session)).count == 3 && first.survivors.count == 4 }
        } _: { harness in
            let former = try #require(LeaseFolder(stateDirectory: harness.folder.path).leases.first)
            #expect(await harness.host.adopt([launch(harness, script)]).count == 1)
            try await eventually { await harness.host.tree(of: service).count == 4 }
            // One whose parent is neither we nor anybody of the family, as after an orphan went to the system's init.
            let foster = SpawnRequest(
                path: "/bin/sh",
                arguments: ["sh", "-c", "FLEET_RUN_ID=\(former.run) FLEET_LIFE=\(former.tag) setsid sleep 603 & wait"],
                environment: ["PATH=/usr/bin:/bin"],
                directory: "/"
            )
            #expect(ChildReaper.shared.spawn({ foster.start() }, onExit: { _ in }) > 0)
            try await eventually { await harness.host.tree(of: service).count == 5 }
            await harness.host.signal(service, Incarnation(7), SIGTERM, scope: .session)
            try await harness.emptied()
            #expect(harness.events(of: "svc").first == .exited(service, Incarnation(7), .unobserved))
            #expect(
                ProcessTable.scan().allSatisfy { $0.isZombie || LifeTag(of: $0.pid)?.run != former.run }
            )
        }
    }

    @Test func `input and notifications of an adopted life go on`() async throws {
        let sender = """
            import os, socket, sys
            for line in sys.stdin:
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.connect(os.environ["NOTIFY_SOCKET"])
                s.send(("STATUS=" + line.strip()).encode())
                print("heard", line.strip(), flush=True)
            """
        try await withSuccession { harness in
            let path = try harness.folder.write("echo.py", sender)
            _ = try await harness.host.spawn(launch(harness, "exec python3 \(path)") { $0.keepsInputOpen = true })
            #expect(await harness.host.write(Array("one\n".utf8), to: service))
            try await eventually { harness.output.text() == "heard one\n" }
            try await eventually { harness.notes() == ["STATUS=one"] }
        } _: { harness in
            #expect(await harness.host.adopt([launch(harness, "") { $0.keepsInputOpen = true }]).count == 1)
            #expect(await harness.host.write(Array("two\n".utf8), to: service))
            try await eventually { harness.output.text() == "heard two\n" }
            try await eventually { harness.notes() == ["STATUS=two"] }
            await harness.host.signal(service, Incarnation(7), SIGKILL, scope: .session)
            try await harness.emptied()
        }
    }

    @Test func `guardian and reclaim leave a kept life alone and end the others`() async throws {
        try await withSuccession { harness in
            let kept = try await harness.host.spawn(launch(harness, "sleep 600 & echo up; wait"))
            let other = try await harness.start("other", "exec sleep 600")
            try await eventually { harness.output.text() == "up\n" && harness.survivors.count == 3 }
            await harness.host.close()
            let orders = GuardianOrders(stateDirectory: harness.folder.path, runID: harness.runID)
            #expect(await onThread { GuardianMain.clean(orders) } == 0)
            #expect(ProcessTable.entry(of: other.rawValue).map(\.isZombie) != false)
            try await eventually { harness.survivors.count == 2 }
            #expect(LeaseFolder(stateDirectory: harness.folder.path).leases.map(\.session) == [kept.rawValue])
            #expect(await StaleLeases.reclaim(stateDirectory: harness.folder.path).isEmpty)
            try await eventually { harness.survivors.count == 2 }
        } _: { harness in
            // The manifest does not have it any more.
            #expect(LeaseFolder(stateDirectory: harness.folder.path).leases.count == 1)
            let former = try #require(LeaseFolder(stateDirectory: harness.folder.path).leases.first)
            #expect(await harness.host.adopt([]).isEmpty)
            #expect(LeaseFolder(stateDirectory: harness.folder.path).leases.isEmpty)
            #expect(ProcessTable.scan().allSatisfy { $0.isZombie || LifeTag(of: $0.pid)?.run != former.run })
            #expect(SmallFile.names(in: "\(harness.folder.path)/kept").isEmpty)
        }
    }

    @Test func `what may not be kept any more is ended, what may is taken over`() async throws {
        try await withSuccession { harness in
            for name in ["stays", "goes"] {
                _ = try await harness.host.spawn(harness.launch(name, "exec sleep 600") { $0.onEngineDeath = .keep })
            }
        } _: { harness in
            let former = try #require(LeaseFolder(stateDirectory: harness.folder.path).leases.first)
            let adopted = await harness.host.adopt([
                harness.launch("stays", "") { $0.onEngineDeath = .keep }, harness.launch("goes", ""),
            ])
            #expect(adopted.map(\.service) == [ServiceID("stays")])
            try await eventually {
                ProcessTable.scan().filter { !$0.isZombie && LifeTag(of: $0.pid)?.run == former.run }
                    .map { ProcessID($0.pid) } == adopted.map(\.pid)
            }
            await harness.host.signal(ServiceID("stays"), Incarnation(1), SIGKILL, scope: .session)
            try await harness.emptied("stays")
        }
    }

    @Test func `a life that ended in between is not taken over, and what it left is ended`() async throws {
        var leader = ProcessID(1)
        try await withSuccession { harness in
            leader = try await harness.host.spawn(
                launch(harness, "(trap '' HUP; exec setsid sleep 600) & echo up; wait")
            )
            try await eventually { harness.survivors.contains { $0.session != leader.rawValue } }
            await harness.host.close()
            kill(leader.rawValue, SIGKILL)
            try await eventually { ProcessTable.entry(of: leader.rawValue).map(\.isZombie) != false }
            try await eventually { harness.survivors.contains { $0.session != leader.rawValue } }
        } _: { harness in
            let former = try #require(LeaseFolder(stateDirectory: harness.folder.path).leases.first)
            await StaleLeases.reclaim(stateDirectory: harness.folder.path, except: harness.runID)
            #expect(ProcessTable.scan().allSatisfy { $0.isZombie || LifeTag(of: $0.pid)?.run != former.run })
            #expect(await harness.host.adopt([launch(harness, "")]).isEmpty)
        }
    }

    @Test func `a lease keeps what it says of a kept life`() {
        let lease = Lease(
            session: 70_000,
            startTicks: 5,
            boot: "b",
            run: "r",
            service: service,
            stopSignal: SIGTERM,
            grace: .seconds(1),
            incarnation: Incarnation(9),
            isKept: true,
            notifyPath: "/run/n-1",
            digest: "command:1a,tty:2b"
        )
        #expect(Lease(text: lease.text) == lease)
        #expect(lease.tag == "r/svc/9")
        // One of an earlier version.
        let old = lease.text.split(separator: "\n").filter { !$0.hasPrefix("keep") && !$0.hasPrefix("life") }
        #expect(Lease(text: old.joined(separator: "\n"))?.isKept == false)
        #expect(!lease.isAliveAndKept())
    }

    private func onThread(_ body: @escaping @Sendable () -> Int32) async -> Int32 {
        await withCheckedContinuation { continuation in
            DedicatedThread.start(name: "guardian-test") { continuation.resume(returning: body()) }
        }
    }
}
