import FleetEngine
import FleetModel
import Foundation
import Synchronization
import Testing

@testable import FleetProcesses

/// A host over real processes, with everything it reported recorded.
final class Harness: Sendable {
    let folder: Folder
    let host: LocalProcessHost
    let output: OutputRecorder
    let runID: String
    private let events: EventRecorder
    let troubles: TroubleRecorder

    /// With the folder of an earlier harness it is as if that one's engine had been killed.
    init(in folder: Folder? = nil, configure: (inout HostSettings) -> Void = { _ in }) async throws {
        let folder = try folder ?? Folder()
        self.folder = folder
        runID = "test-\(UUID().uuidString)"
        let events = EventRecorder()
        let troubles = TroubleRecorder()
        var settings = HostSettings(stateDirectory: folder.path, runID: runID)
        settings.reapsUnknownChildren = false
        settings.storageTrouble = { service, text in troubles.add("\(service): \(text)") }
        configure(&settings)
        output = OutputRecorder()
        host = LocalProcessHost(settings, logSink: output, events: { events.add($0) })
        self.events = events
        self.troubles = troubles
        try await host.open()
    }

    /// Starts `/bin/sh -c script` as the first life of a service.
    @discardableResult
    func start(
        _ name: String = "svc",
        _ script: String,
        incarnation: Int = 1,
        configure: (inout ServiceSpec) -> Void = { _ in }
    ) async throws -> ProcessID {
        try await host.spawn(launch(name, script, incarnation: incarnation, configure: configure))
    }

    func launch(
        _ name: String = "svc",
        _ script: String,
        incarnation: Int = 1,
        configure: (inout ServiceSpec) -> Void = { _ in }
    ) -> Launch {
        var spec = ServiceSpec(name: ServiceName(name), command: .shell(script), workingDirectory: folder.path)
        configure(&spec)
        return Launch(
            service: ServiceID(name),
            incarnation: Incarnation(incarnation),
            replica: 1,
            spec: spec,
            injected: [:]
        )
    }

    func signal(_ number: Int32, _ name: String = "svc", scope: StopPolicy.Scope = .session) async {
        await host.signal(ServiceID(name), Incarnation(1), number, scope: scope)
    }

    func events(of name: String = "svc") -> [HostEvent] { events.all.filter { $0.service == ServiceID(name) } }

    func termination(of name: String = "svc") -> Termination? {
        for case .exited(_, _, let termination) in events(of: name) { return termination }
        return nil
    }

    func notes(of name: String = "svc") -> [String] {
        events(of: name).compactMap { if case .notified(_, _, let text) = $0 { text } else { nil } }
    }

    func isEmptied(_ name: String = "svc") -> Bool {
        events(of: name).contains { if case .treeEmptied = $0 { true } else { false } }
    }

    func emptied(_ name: String = "svc") async throws { try await eventually { self.isEmptied(name) } }

    /// Live processes that were started by this host, wherever they went.
    var survivors: [ProcessEntry] {
        ProcessTable.scan().filter { !$0.isZombie && ProcessTable.variable("FLEET_RUN_ID", pid: $0.pid) == runID }
    }

    /// The text of the only or newest segment.
    func diskText(_ name: String = "svc") -> String {
        let segments = SegmentFolder(stateDirectory: folder.path, service: ServiceID(name))
        return segments.numbers.map { SmallFile.text(segments.logPath($0), limit: 1 << 30) ?? "" }.joined()
    }

    /// Kills what a failed test left.
    func close() async {
        for process in survivors { kill(process.pid, SIGKILL) }
        await host.close()
    }
}

/// Runs a test's body with a harness and cleans up behind it.
func withHarness(
    configure: (inout HostSettings) -> Void = { _ in },
    _ body: (Harness) async throws -> Void
) async throws {
    let harness = try await Harness(configure: configure)
    do {
        try await body(harness)
    } catch {
        await harness.close()
        throw error
    }
    await harness.close()
}

extension HostEvent {
    var service: ServiceID {
        switch self {
        case .exited(let service, _, _), .treeEmptied(let service, _), .notified(let service, _, _): service
        }
    }
}

final class EventRecorder: Sendable {
    private let state = Mutex<[HostEvent]>([])
    func add(_ event: HostEvent) { state.withLock { $0.append(event) } }
    var all: [HostEvent] { state.withLock { $0 } }
}

final class TroubleRecorder: Sendable {
    private let state = Mutex<[String]>([])
    func add(_ text: String) { state.withLock { $0.append(text) } }
    var all: [String] { state.withLock { $0 } }
}

final class OutputRecorder: LogSink {
    func report(_ service: ServiceID, _ trouble: String) {}

    private struct State {
        var bytes: [LogStream: [UInt8]] = [:]
        var ended: [LogStream] = []
        var largestBatch = 0
    }

    private let state = Mutex(State())

    func received(
        _ bytes: UnsafeRawBufferPointer,
        from service: ServiceID,
        _ incarnation: Incarnation,
        _ stream: LogStream,
        at time: Timestamp
    ) {
        state.withLock {
            $0.bytes[stream, default: []].append(contentsOf: bytes)
            $0.largestBatch = max($0.largestBatch, bytes.count)
        }
    }

    func ended(_ service: ServiceID, _ incarnation: Incarnation, _ stream: LogStream, at time: Timestamp) {
        state.withLock { $0.ended.append(stream) }
    }

    func bytes(_ stream: LogStream = .stdout) -> [UInt8] { state.withLock { $0.bytes[stream] ?? [] } }
    func text(_ stream: LogStream = .stdout) -> String { String(decoding: bytes(stream), as: UTF8.self) }
    var ended: [LogStream] { state.withLock { $0.ended } }
    var largestBatch: Int { state.withLock { $0.largestBatch } }
}

/// A folder that goes away with its owner.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/fleet-processes-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}

struct Impatience: Error {}

/// Waits until the condition holds.
func eventually(
    within limit: Duration = .seconds(60),
    _ condition: () async throws -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else {
            Issue.record("the condition did not come true within \(limit)", sourceLocation: sourceLocation)
            throw Impatience()
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
