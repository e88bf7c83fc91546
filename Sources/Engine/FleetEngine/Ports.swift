package import FleetModel

// What the engine needs from the outside world. Adapters implement these; tests script them.

/// Spawns, watches and signals processes. One per engine.
package protocol ProcessHost: Sendable {
    /// Starts one life of a service. Its exit is reported as a `HostEvent`, never earlier than this returns.
    func spawn(_ launch: Launch) async throws(SpawnFailure) -> ProcessID

    /// Sends a signal to everything of this life that `scope` covers; SIGCONT goes with it so that stopped ones notice.
    /// Nothing happens when that life has already ended.
    func signal(_ service: ServiceID, _ incarnation: Incarnation, _ signal: Int32, scope: StopPolicy.Scope) async

    /// Runs a command in a service's environment and folder (exec probes, `pre_stop`) in a process group of its own
    /// that is killed as a whole at the time-out.
    func run(_ command: CommandLine, in launch: Launch, timeout: Duration) async -> ProbeOutcome

    /// Processor time and memory of each live service's whole tree.
    func usage() async -> [ServiceID: ResourceUsage]

    /// Live processes of a service's tree, leader first: for survivors and for ownership checks.
    func tree(of service: ServiceID) async -> [ProcessDescription]

    /// Who listens on a local TCP port, if anybody does.
    func listener(on port: Int) async -> PortOwner?

    /// Called once, at the end. Lives that are not over are left to whoever cleans up after a killed engine.
    func close() async
}

/// What happened to a process; delivered in order per service.
package enum HostEvent: Sendable, Hashable {
    /// The leader was reaped. Output may still be draining, children may still live.
    case exited(ServiceID, Incarnation, Termination)
    /// Nothing of that life is left: no process in its session, no adopted stray.
    case treeEmptied(ServiceID, Incarnation)
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

    package init(
        service: ServiceID,
        incarnation: Incarnation,
        replica: Int,
        spec: ServiceSpec,
        injected: [String: String]
    ) {
        self.service = service
        self.incarnation = incarnation
        self.replica = replica
        self.spec = spec
        self.injected = injected
    }
}

package enum SpawnFailure: Error, Sendable, Hashable {
    /// The world may change: a port is taken, the binary, folder or a required environment file is missing.
    case blocked(String)
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

/// Asks `http` and `tcp` checks. The other kinds never reach it.
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

/// Takes the output of services as it is read. Called on drain threads: it may take a short lock and nothing slower.
package protocol LogSink: Sendable {
    func received(
        _ bytes: UnsafeRawBufferPointer,
        from service: ServiceID,
        _ incarnation: Incarnation,
        _ stream: LogStream,
        at time: Timestamp
    )

    /// Something about keeping a service's output that its reader must know.
    func report(_ service: ServiceID, _ trouble: String)

    /// The pipe is closed or abandoned: a line without a newline will not be completed any more.
    func ended(_ service: ServiceID, _ incarnation: Incarnation, _ stream: LogStream, at time: Timestamp)
}

/// Takes OTLP request bodies, already decompressed.
package protocol TelemetrySink: Sendable {
    func receive(
        _ signal: TelemetrySignal,
        _ body: [UInt8],
        encoding: TelemetryEncoding
    ) throws(TelemetryRejection)
        -> TelemetryReceipt
}

package enum TelemetrySignal: String, Sendable, Hashable { case traces, metrics, logs }

package enum TelemetryEncoding: Sendable, Hashable { case protobuf, json }

package struct TelemetryReceipt: Sendable, Hashable {
    /// Items of the request that were refused; > 0 makes a `partial_success`.
    package var rejected: Int
    package var message: String

    package init(rejected: Int = 0, message: String = "") {
        self.rejected = rejected
        self.message = message
    }
}

package enum TelemetryRejection: Error, Sendable, Hashable {
    /// 400: the client must not retry.
    case malformed(String)
    /// 404: this engine does not take the signal.
    case unsupported
    /// 503 with Retry-After.
    case overloaded
}

/// The two clocks, read in one place.
package protocol EngineClock: Sendable {
    var now: Moment { get }
    var wallTime: Timestamp { get }
    /// Of the operator's zone, now: a time of day in a filter is meant in it.
    var utcOffset: Duration { get }
    func sleep(until moment: Moment) async throws
}
