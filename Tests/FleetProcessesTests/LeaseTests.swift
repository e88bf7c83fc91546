import FleetModel
import Foundation
import Synchronization
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct LeaseTests {
    private let folder: Folder
    private let run = "run-\(UUID().uuidString)"

    init() throws { folder = try Folder() }

    private var leases: LeaseFolder { LeaseFolder(stateDirectory: folder.path) }

    /// A process as a dead engine would have left it; reaped when it ends.
    private func orphan(_ script: String, tag: String? = nil) throws -> ProcessEntry {
        let request = SpawnRequest(
            path: "/bin/sh",
            arguments: ["/bin/sh", "-c", script],
            environment: ["PATH=/usr/bin:/bin"] + (tag.map { ["FLEET_RUN_ID=\($0)"] } ?? []),
            directory: "/"
        )
        let pid = ChildReaper.shared.spawn({ request.start() }, onExit: { _ in })
        return try #require(ProcessTable.entry(of: pid))
    }

    private func lease(
        for process: ProcessEntry,
        startTicks: UInt64? = nil,
        boot: String = LeaseFolder.boot,
        grace: Duration = .seconds(10)
    ) -> Lease {
        Lease(
            session: process.session,
            startTicks: startTicks ?? process.startTicks,
            boot: boot,
            run: run,
            service: ServiceID("svc"),
            stopSignal: SIGTERM,
            grace: grace
        )
    }

    private func isAlive(_ process: ProcessEntry) -> Bool {
        ProcessTable.entry(of: process.pid).map { !$0.isZombie && $0.startTicks == process.startTicks } ?? false
    }

    @Test func `a lease survives its text, and half of one is none`() throws {
        // Not the test program's own session: in a container its leader may be outside, and the kernel says 0.
        let process = try orphan("exec sleep 600")
        defer { kill(process.pid, SIGKILL) }
        let lease = lease(for: process, grace: .milliseconds(1500))
        #expect(Lease(text: lease.text) == lease)
        #expect(Lease(text: String(lease.text.prefix(20))) == nil)
        #expect(Lease(text: lease.text.replacing("signal=15", with: "signal=99")) == nil)
        #expect(Lease(text: lease.text.replacing("session=\(process.session)", with: "session=0")) == nil)
        #expect(Lease(text: "") == nil)
    }

    @Test func `what an earlier engine left is ended, its leases too`() async throws {
        let process = try orphan("exec sleep 600")
        #expect(leases.open(run: run) == 0)
        #expect(leases.write(lease(for: process)) == 0)
        #expect(await StaleLeases.reclaim(stateDirectory: folder.path) == [ProcessID(process.pid)])
        #expect(!isAlive(process))
        #expect(leases.leases.isEmpty)
        #expect(leases.runs.isEmpty)
    }

    @Test func `a process that got a reused number is left alone`() async throws {
        let stranger = try orphan("exec sleep 600")
        defer { kill(stranger.pid, SIGKILL) }
        #expect(leases.open(run: run) == 0)
        #expect(leases.write(lease(for: stranger, startTicks: stranger.startTicks - 1)) == 0)
        await StaleLeases.reclaim(stateDirectory: folder.path)
        #expect(isAlive(stranger))
        #expect(leases.leases.isEmpty)
    }

    @Test func `a lease from before the last boot says nothing`() async throws {
        let stranger = try orphan("exec sleep 600")
        defer { kill(stranger.pid, SIGKILL) }
        #expect(leases.open(run: run) == 0)
        #expect(leases.write(lease(for: stranger, boot: "another-boot")) == 0)
        await StaleLeases.reclaim(stateDirectory: folder.path)
        #expect(isAlive(stranger))
    }

    @Test func `a process without a lease is found by the tag of its run`() async throws {
        let process = try orphan("exec sleep 600", tag: run)
        let other = try orphan("exec sleep 600", tag: "another-run")
        defer { kill(other.pid, SIGKILL) }
        #expect(leases.open(run: run) == 0)
        await StaleLeases.reclaim(stateDirectory: folder.path)
        #expect(!isAlive(process))
        #expect(isAlive(other))
    }

    @Test func `a process is found however early it is looked for`() async throws {
        // A spawn returns while the kernel still sets the new program up: for a moment there is no environment to see.
        #expect(leases.open(run: run) == 0)
        for _ in 0..<10 {
            let processes = try (0..<3).map { _ in try orphan("exec sleep 600", tag: run) }
            await StaleLeases.reclaim(stateDirectory: folder.path)
            #expect(processes.allSatisfy { !isAlive($0) })
            #expect(leases.open(run: run) == 0)
        }
    }

    @Test func `a process that shows no environment yet is waited for`() throws {
        let process = try orphan("exec sleep 600", tag: run)
        defer { if isAlive(process) { kill(process.pid, SIGKILL) } }
        var looks = 0
        let sequence = KillSequence(
            leases: [],
            runs: [run],
            trust: .stale,
            look: { pid in
                guard pid == process.pid else { return .hidden }
                looks += 1
                return looks < 6 ? .settling : EnvironmentLook(at: pid)
            }
        )
        #expect(sequence.run().found == [ProcessID(process.pid)])
        #expect(!isAlive(process))
    }

    @Test func `a stray is given the grace period of its own service`() throws {
        var stray = try #require(ProcessTable.entry(of: getpid()))
        stray.pid = 70_001
        let leases = [(70_010, "patient", 60), (70_020, "hasty", 1)].map { session, service, grace in
            Lease(
                session: Int32(session),
                startTicks: 5,
                boot: "b",
                run: run,
                service: ServiceID(service),
                stopSignal: SIGTERM,
                grace: .seconds(grace)
            )
        }
        let sequence = KillSequence(leases: leases, runs: [run], trust: .fresh, boot: "b")
        func grace(_ service: String?) -> Duration?? {
            sequence.survivors(in: [stray], tag: { _ in LifeTag(run: run, service: service) }).first.map {
                $0.lease?.grace
            }
        }
        #expect(grace("hasty") == .some(.seconds(1)))
        #expect(grace("patient") == .some(.seconds(60)))
        #expect(grace(nil) == .some(nil))
    }

    @Test func `our own run is never reclaimed`() async throws {
        let process = try orphan("exec sleep 600", tag: run)
        defer { kill(process.pid, SIGKILL) }
        #expect(leases.open(run: run) == 0)
        #expect(leases.write(lease(for: process)) == 0)
        await StaleLeases.reclaim(stateDirectory: folder.path, except: run)
        #expect(isAlive(process))
        #expect(leases.leases.count == 1)
    }

    @Test func `the guardian kills after the grace period what ignores the stop signal`() async throws {
        let ready = "\(folder.path)/ready"
        let process = try orphan("trap '' TERM; touch \(ready); while :; do sleep 600; done", tag: run)
        try await eventually { folder.exists("ready") }
        #expect(leases.open(run: run) == 0)
        #expect(leases.write(lease(for: process, grace: .milliseconds(200))) == 0)
        let orders = GuardianOrders(stateDirectory: folder.path, runID: run)
        let status = Mutex<Int32?>(nil)
        let finished = FinishedFlag()
        let done = finished
        DedicatedThread.start(name: "guardian-test") { done.set(GuardianMain.clean(orders)) }
        try await eventually { finished.value != nil }
        status.withLock { $0 = finished.value }
        #expect(finished.value == 0)
        try await eventually { !isAlive(process) }
        #expect(
            ProcessTable.scan().allSatisfy { $0.isZombie || ProcessTable.variable("FLEET_RUN_ID", pid: $0.pid) != run }
        )
        #expect(leases.leases.isEmpty)
    }

    @Test func `the guardian removes the socket unless a new engine holds the lock`() throws {
        let socket = try folder.write("ctl.sock", "")
        let lockPath = "\(folder.path)/lock"
        let orders = GuardianOrders(stateDirectory: folder.path, runID: run, socketPath: socket, lockPath: lockPath)
        guard case .acquired(let lock) = try EngineLock.acquire(at: lockPath) else {
            Issue.record("the lock is not free")
            return
        }
        #expect(GuardianMain.clean(orders) == 0)
        #expect(folder.exists("ctl.sock"))
        lock.release()
        #expect(GuardianMain.clean(orders) == 0)
        #expect(!folder.exists("ctl.sock"))
    }

    @Test func `after the engine's end a session without its leader is still its own, later it is not`() throws {
        let me = try #require(ProcessTable.entry(of: getpid()))
        var member = me
        member.pid = 70_001
        member.session = 70_000
        let lease = Lease(
            session: 70_000,
            startTicks: 5,
            boot: "b",
            run: run,
            service: ServiceID("svc"),
            stopSignal: SIGTERM,
            grace: .zero
        )
        func survivors(_ trust: KillSequence.Trust, tag: String?) -> Int {
            KillSequence(leases: [lease], runs: [run], trust: trust, boot: "b").survivors(
                in: [member],
                tag: { _ in tag.map { LifeTag(run: $0) } }
            ).count
        }
        #expect(survivors(.fresh, tag: nil) == 1)
        #expect(survivors(.stale, tag: nil) == 0)
        #expect(survivors(.stale, tag: run) == 1)
        #expect(survivors(.stale, tag: "another-run") == 0)
    }

    @Test func `orders survive the command line`() {
        let orders = GuardianOrders(stateDirectory: "/s", runID: "r", socketPath: "", lockPath: "/l")
        #expect(GuardianOrders(arguments: orders.arguments) == orders)
        #expect(GuardianOrders(arguments: ["/s", "r"]) == nil)
    }

    @Test func `a lease exists exactly as long as its life`() async throws {
        try await withHarness { harness in
            let leases = LeaseFolder(stateDirectory: harness.folder.path)
            let pid = try await harness.start("svc", "exec sleep 600")
            #expect(leases.leases.map(\.session) == [pid.rawValue])
            #expect(leases.leases.first?.startTicks == ProcessTable.entry(of: pid.rawValue)?.startTicks)
            #expect(leases.runs == [harness.runID])
            await harness.signal(SIGKILL)
            try await harness.emptied()
            #expect(leases.leases.isEmpty)
            await harness.host.close()
            #expect(leases.runs.isEmpty)
        }
    }
}

private final class FinishedFlag: Sendable {
    private let state = Mutex<Int32?>(nil)
    func set(_ value: Int32) { state.withLock { $0 = value } }
    var value: Int32? { state.withLock { $0 } }
}
