import FleetEngine
import Foundation
import Synchronization
import Testing

@testable import FleetProcesses

/// Consumes a stream of changes and keeps them.
final class WatchRecorder: Sendable {
    private let changes = Mutex<[FileChange]>([])
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ stream: AsyncStream<FileChange>) {
        task.withLock { task in
            task = Task { [weak self] in
                for await change in stream { self?.changes.withLock { $0.append(change) } }
            }
        }
    }

    deinit { stop() }

    /// Goes away, as a consumer does.
    func stop() { task.withLock { $0?.cancel() } }

    var all: [FileChange] { changes.withLock { $0 } }

    var paths: [String] { all.compactMap { if case .changed(let path) = $0 { path } else { nil } } }

    var troubles: [String] { all.compactMap { if case .trouble(let text) = $0 { text } else { nil } } }

    func forget() { changes.withLock { $0 = [] } }

    /// Waits until a path is told.
    func saw(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually(within: .seconds(60), { self.paths.contains(path) }, sourceLocation: sourceLocation)
    }
}

/// A folder to watch, with short ways to change it.
final class WatchedPlace: Sendable {
    let folder: Folder
    var path: String { folder.path }

    init() throws { folder = try Folder() }

    func at(_ name: String) -> String { "\(path)/\(name)" }

    /// Creates, writes and closes, as a program does that knows nothing of temporary files.
    func put(_ name: String, _ text: String = "x") throws {
        let descriptor = open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0, "\(at(name)) cannot be written")
        _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: at(name), withIntermediateDirectories: true)
    }

    func move(_ old: String, _ new: String) throws {
        try #require(rename(at(old), at(new)) == 0, "\(old) cannot be moved to \(new)")
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: at(name)) }

    func link(_ name: String, to target: String) throws {
        try #require(symlink(target, at(name)) == 0, "no link \(name)")
    }
}
