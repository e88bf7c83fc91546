package import FleetModel

// What the engine needs from the outside world. Adapters implement these; tests script them.

/// Spawns, watches and signals processes. One per engine.
package protocol ProcessHost: Sendable {
    /// Starts one life of a service. Its exit is reported as a `HostEvent`, never earlier than this returns.
    func spawn(_ launch: Launch) async throws(SpawnFailure) -> ProcessID

    /// Sends a signal to everything of this life that `scope` covers; SIGCONT goes with it so that stopped ones notice.
    /// Nothing happens when that life has already ended.
    func signal(_ service: ServiceID, _ incarnation: Incarnation, _ signal: Int32, scope: StopPolicy.Scope) async

    /// Gives a launch up that has no process yet, because it waits for a port: it fails at once.
    func callOff(_ service: ServiceID, _ incarnation: Incarnation) async

    /// Runs a command in a service's environment and folder (exec probes, `pre_stop`) in a process group of its own
    /// that is killed as a whole at the time-out, and when the caller is cancelled.
    func run(_ command: CommandLine, in launch: Launch, timeout: Duration) async -> ProbeOutcome

    /// The same for a command that people want to read the output of, a build: each line goes to the service's log as it
    /// comes. A host that cannot do that keeps to `run`.
    func runLogged(_ command: CommandLine, in launch: Launch, timeout: Duration) async -> ProbeOutcome

    /// Processor time and memory of each live service's whole tree.
    func usage() async -> [ServiceID: ResourceUsage]

    /// Live processes of a service's tree, leader first: for survivors and for ownership checks.
    func tree(of service: ServiceID) async -> [ProcessDescription]

    /// Who listens on a local TCP port, if anybody does.
    func listener(on port: Int) async -> PortOwner?

    /// Every socket that listens on a local TCP port, of both families. A host that cannot tell them apart needs no more
    /// than `listener`.
    func listeners(on port: Int) async -> [PortListener]

    /// The sockets that listen on each local TCP port, by numbers that are not used again while the machine runs:
    /// cheap to ask for all ports at once, to see that nothing changed. Nothing from a host that cannot tell.
    func listeningSockets() async -> [Int: Set<UInt64>]

    /// The environment that a life gets now, with the layer of each variable; environment files are read again.
    func environment(of launch: Launch) async throws(SpawnFailure) -> [EnvironmentEntry]

    /// Sends SIGTERM, after 2 s SIGKILL, to the process that listens on a local TCP port and is not ours.
    /// - Parameters:
    ///   - port: its number.
    ///   - owner: one of those that may be ended; `nil` = whoever listens. When others listen by then, nothing is ended.
    /// - Returns: what was ended, or a sentence why nothing was.
    func endListener(on port: Int, agreed owner: ProcessID?) async -> Result<ProcessDescription, PortTrouble>

    /// Bytes for a service's standard input: of its terminal, or of its pipe when `stdin_open` is set.
    /// - Returns: false when it has none.
    func write(_ bytes: [UInt8], to service: ServiceID) async -> Bool

    /// The size of a service's terminal in cells; its foreground process group gets SIGWINCH.
    func resize(_ service: ServiceID, columns: Int, rows: Int) async

    /// What a service's terminal shows from now on, preceded by the last screenful of bytes. `nil` without a terminal.
    func terminalOutput(of service: ServiceID) async -> AsyncStream<[UInt8]>?

    /// Lives of an earlier engine that run on (`on_engine_death: keep`), already taken over; asked once, before the first
    /// spawn.
    func adopt(_ services: [Launch]) async -> [AdoptedLife]

    /// Gives back what is kept for a service that no longer exists, such as its passed sockets.
    func forget(_ service: ServiceID) async

    /// Called once, at the end. Lives that are not over are left to whoever cleans up after a killed engine.
    func close() async
}

/// What happened to a process; delivered in order per service.
package enum HostEvent: Sendable, Hashable {
    /// The leader was reaped. Output may still be draining, children may still live.
    case exited(ServiceID, Incarnation, Termination)
    /// Nothing of that life is left: no process in its session, no adopted stray.
    case treeEmptied(ServiceID, Incarnation)
    /// A datagram on the life's notification socket, at most 4 KiB.
    case notified(ServiceID, Incarnation, String)
}

/// A running life that was taken over from an earlier engine.
package struct AdoptedLife: Sendable, Hashable {
    package var service: ServiceID
    /// As the earlier engine counted; later ones are greater.
    package var incarnation: Incarnation
    package var pid: ProcessID
    package var age: Duration
    /// Of the launch that began it; empty when it is not known.
    package var digest: String

    package init(service: ServiceID, incarnation: Incarnation, pid: ProcessID, age: Duration, digest: String = "") {
        self.service = service
        self.incarnation = incarnation
        self.pid = pid
        self.age = age
        self.digest = digest
    }
}

/// One variable of a service's environment and where it comes from.
package struct EnvironmentEntry: Sendable, Hashable {
    package enum Layer: Sendable, Hashable {
        case inherited
        /// Absolute path.
        case file(String)
        /// `environment` at the top of the manifest.
        case shared
        /// `environment` of the service.
        case service
        case injected
    }

    package var name: String
    /// `nil` = unset by this layer.
    package var value: String?
    package var layer: Layer
    /// Layers that it hides, lowest first.
    package var hidden: [Layer]

    package init(name: String, value: String?, layer: Layer, hidden: [Layer] = []) {
        self.name = name
        self.value = value
        self.layer = layer
        self.hidden = hidden
    }
}

package struct PortTrouble: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// All that is needed to start one life of a service.
package struct Launch: Sendable, Hashable {
    package var service: ServiceID
    package var incarnation: Incarnation
    /// 1-based.
    package var replica: Int
    package var spec: ServiceSpec
    /// The last layer of the environment: `FLEET_SERVICE`, `PORT`, `OTEL_*`… `OTEL_*` never override the manifest's.
    package var injected: [String: String]
    /// Of what it is launched with, to be kept beside a life that may outlive its engine; empty for others.
    package var digest: String

    package init(
        service: ServiceID,
        incarnation: Incarnation,
        replica: Int,
        spec: ServiceSpec,
        injected: [String: String],
        digest: String = ""
    ) {
        self.service = service
        self.incarnation = incarnation
        self.replica = replica
        self.spec = spec
        self.injected = injected
        self.digest = digest
    }
}

package enum SpawnFailure: Error, Sendable, Hashable {
    /// The world may change: a port is taken, the binary, folder or a required environment file is missing.
    case blocked(String)
    /// The same, for a port that somebody else has.
    case portTaken(String, PortConflict)
    /// It will not work by waiting: E2BIG, out of processes…
    case failed(String)
}

package struct ResourceUsage: Sendable, Hashable {
    /// Since the life began, children that were reaped included.
    package var cpuTime: Duration
    /// Resident set of the whole tree.
    package var memoryBytes: Int
    package var processCount: Int

    package init(cpuTime: Duration, memoryBytes: Int, processCount: Int) {
        self.cpuTime = cpuTime
        self.memoryBytes = memoryBytes
        self.processCount = processCount
    }
}

package struct ProcessDescription: Sendable, Hashable {
    package var pid: ProcessID
    package var command: String

    package init(pid: ProcessID, command: String) {
        self.pid = pid
        self.command = command
    }
}

package enum PortOwner: Sendable, Hashable {
    /// A process listens.
    case process(ProcessDescription)
    /// Something of another user listens, or cannot be attributed.
    case unknown
}

/// A socket that listens.
package struct PortListener: Sendable, Hashable {
    /// Numeric: `127.0.0.1`, `0.0.0.0`, `::1`, `::`. Empty when it is not known.
    package var address: String
    package var owner: PortOwner

    package init(address: String, owner: PortOwner) {
        self.address = address
        self.owner = owner
    }
}

extension ProcessHost {
    package func runLogged(_ command: CommandLine, in launch: Launch, timeout: Duration) async -> ProbeOutcome {
        await run(command, in: launch, timeout: timeout)
    }

    package func listeners(on port: Int) async -> [PortListener] {
        await listener(on: port).map { [PortListener(address: "", owner: $0)] } ?? []
    }

    package func listeningSockets() async -> [Int: Set<UInt64>] { [:] }
}

/// The result of one probe.
package struct ProbeOutcome: Sendable, Hashable, Codable {
    package var passed: Bool
    /// One line: `200 OK`, `503 Service Unavailable`, `connection refused`, `timed out after 2s`, `exit 1: …`.
    package var detail: String
    package var latency: Duration

    package init(passed: Bool, detail: String, latency: Duration) {
        self.passed = passed
        self.detail = detail
        self.latency = latency
    }
}

/// Asks `http`, `tcp` and `grpc` checks. The other kinds never reach it.
package protocol NetworkProbing: Sendable {
    func probe(_ check: ProbeSpec.Check, timeout: Duration) async -> ProbeOutcome
}

/// Fetches an exposition.
package protocol Scraping: Sendable {
    /// `bodyLimit`: bytes, after decompression.
    func scrape(url: String, timeout: Duration, bodyLimit: Int) async -> ScrapeAnswer
}

package enum ScrapeAnswer: Sendable, Hashable {
    case body([UInt8], contentType: String, duration: Duration)
    case failed(String, duration: Duration)
}

/// The two clocks, read in one place.
package protocol EngineClock: Sendable {
    var now: Moment { get }
    var wallTime: Timestamp { get }
    /// Of the operator's zone, now: a time of day in a filter is meant in it.
    var utcOffset: Duration { get }
    /// Of a zone of the tz database, now; `nil` for one that this machine does not know.
    func utcOffset(ofZone name: String) -> Duration?
    func sleep(until moment: Moment) async throws
}
