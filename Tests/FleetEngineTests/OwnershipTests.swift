import FleetModel
import Testing

@testable import FleetEngine

/// A service on port 3000 with one life, whose leader is pid 101, and the desk that asks it.
private struct PortRig {
    let host = ScriptedHost(sink: Silence(), events: { _ in })
    let network = ScriptedNetwork()
    let desk: ProbeDesk
    let clock = ManualClock(wallTime: Timestamp(nanoseconds: 0))
    let launch: Launch

    init(change: (inout ServiceSpec) -> Void = { _ in }) async throws {
        var spec = service("web") { $0.ports = [PortSpec(name: "http", number: 3000)] }
        change(&spec)
        let logs = LogHub(fleet: Fleet(name: "test", services: []), clock: clock, bell: NewsBell())
        desk = ProbeDesk(host: host, network: network, logs: logs, clock: clock)
        launch = Launch(service: ServiceID("web"), incarnation: Incarnation(1), replica: 1, spec: spec, injected: [:])
        _ = try await host.spawn(launch)
    }

    func listen(_ sockets: (address: String, pid: Int32)..., port: Int = 3000) {
        let listeners = sockets.map { socket in
            let process = ProcessDescription(pid: ProcessID(socket.pid), command: socket.pid == 101 ? "web" : "nginx")
            return PortListener(address: socket.address, owner: .process(process))
        }
        host.script { $0.listeners[port] = listeners }
    }

    func ask(_ check: ProbeSpec.Check) async -> ProbeOutcome {
        await desk.probe(ProbeSpec(check: check), .readiness, launch)
    }
}

private struct Silence: LogSink {
    func received(
        _ bytes: UnsafeRawBufferPointer,
        from service: ServiceID,
        _ incarnation: Incarnation,
        _ stream: LogStream,
        at time: Timestamp
    ) {}
    func report(_ service: ServiceID, _ trouble: String) {}
    func ended(_ service: ServiceID, _ incarnation: Incarnation, _ stream: LogStream, at time: Timestamp) {}
}

@Suite struct OwnershipTests {
    // pgctl#208
    @Test func `a probe that a stranger answers is not healthy, and says whose it is`() async throws {
        let rig = try await PortRig()
        let checks: [ProbeSpec.Check] = [
            .tcp(host: "127.0.0.1", port: 3000), .grpc(host: "127.0.0.1", port: 3000, service: ""),
        ]
        for check in checks {
            rig.listen(("127.0.0.1", 7))
            let outcome = await rig.ask(check)
            #expect(!outcome.passed)
            #expect(outcome.detail == "port 3000 is answered by pid 7 (nginx), not by this service")
            rig.listen(("127.0.0.1", 101))
            #expect(await rig.ask(check).passed)
            rig.network.answer(false)
            #expect(await !rig.ask(check).passed)
            rig.network.answer(true)
        }
    }

    @Test func `after a failure it is asked again whose the port is`() async throws {
        let rig = try await PortRig()
        let check = ProbeSpec.Check.tcp(host: "127.0.0.1", port: 3000)
        rig.listen(("0.0.0.0", 101))
        #expect(await rig.ask(check).passed)
        // As long as it passes nobody looks, for a moment.
        rig.listen(("127.0.0.1", 7))
        #expect(await rig.ask(check).passed)
        rig.network.answer(false)
        #expect(await !rig.ask(check).passed)
        rig.network.answer(true)
        #expect(await rig.ask(check).detail.contains("pid 7 (nginx)"))
    }

    @Test func `a stranger that takes the port between two good probes is noticed`() async throws {
        let rig = try await PortRig()
        let check = ProbeSpec.Check.tcp(host: "127.0.0.1", port: 3000)
        rig.listen(("0.0.0.0", 101))
        #expect(await rig.ask(check).passed)
        rig.listen(("127.0.0.1", 7))
        rig.clock.advance(by: OwnedPorts.lookInterval)
        #expect(await rig.ask(check).detail.contains("pid 7 (nginx)"))
        // Another socket of its own is its own.
        rig.listen(("::", 101))
        #expect(await rig.ask(check).passed)
        rig.clock.advance(by: OwnedPorts.lookInterval)
        #expect(await rig.ask(check).passed)
    }

    @Test func `only a listener of the address that was asked matters`() async throws {
        let rig = try await PortRig()
        rig.listen(("127.0.0.1", 101), ("::1", 7))
        #expect(await rig.ask(.tcp(host: "127.0.0.1", port: 3000)).passed)
        #expect(await rig.ask(.tcp(host: "localhost", port: 3000)).passed)
        let other = try await PortRig()
        other.listen(("127.0.0.1", 101), ("::1", 7))
        #expect(await other.ask(.tcp(host: "::1", port: 3000)).detail.contains("pid 7"))
        // One socket for both families.
        let both = try await PortRig()
        both.listen(("::", 7))
        #expect(await both.ask(.tcp(host: "127.0.0.1", port: 3000)).detail.contains("pid 7"))
        // The more special one answers.
        let special = try await PortRig()
        special.listen(("0.0.0.0", 7), ("127.0.0.1", 101))
        #expect(await special.ask(.tcp(host: "127.0.0.1", port: 3000)).passed)
    }

    @Test func `listening means every declared TCP port, by the service itself`() async throws {
        let rig = try await PortRig { spec in
            spec.ports = [
                PortSpec(name: "http", number: 3000), PortSpec(name: "admin", number: 3001),
                PortSpec(name: "stats", number: 3002, transport: .udp),
                PortSpec(name: "given", number: 3003, isPassed: true),
            ]
        }
        rig.listen(("::", 101))
        #expect(await rig.ask(.listen).detail == "nobody listens on 3001")
        rig.listen(("::", 7), port: 3001)
        let stolen = await rig.ask(.listen)
        #expect(!stolen.passed)
        #expect(stolen.detail == "port 3001 is listened on by pid 7 (nginx), not by this service")
        rig.listen(("::", 101), port: 3001)
        let outcome = await rig.ask(.listen)
        #expect(outcome.passed)
        #expect(outcome.detail == "listening on 3000, 3001")
    }

    @Test func `a foreign port is a conflict, the service's own is none`() async throws {
        let rig = try await PortRig()
        #expect(await rig.desk.conflict(of: rig.launch) == nil)
        rig.listen(("::", 101))
        #expect(await rig.desk.conflict(of: rig.launch) == nil)
        rig.listen(("::", 7))
        let conflict = PortConflict(port: 3000, pid: ProcessID(7), command: "nginx")
        #expect(await rig.desk.conflict(of: rig.launch) == conflict)
    }
}
