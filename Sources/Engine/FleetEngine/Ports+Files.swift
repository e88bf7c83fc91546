package import FleetModel

/// Remembers lives beyond the engine's own. Calls may block for milliseconds.
package protocol LifeArchive: Sendable {
    /// At most `LifeRecord.kept` of each service, oldest first.
    func load() -> [ServiceID: [LifeRecord]]
    /// Replaces the record of the same service and incarnation, or adds it.
    func save(_ record: LifeRecord)
}

/// Watches files for `develop.watch` and for the manifest.
package protocol FileWatching: Sendable {
    /// Changes of content below these paths (files or folders, recursively; new folders are taken up), each with an
    /// absolute path. Reads and changes of attributes are not changes. Ends when the consumer goes away.
    /// `ignore`: whether a path (absolute; a folder ends with `/`) is not looked at.
    func changes(below paths: [String], ignore: @escaping @Sendable (String) -> Bool) -> AsyncStream<FileChange>
}

package enum FileChange: Sendable, Hashable {
    case changed(String)
    /// More happened than could be told; anything may have changed.
    case overflow
    /// A sentence: a path cannot be watched.
    case trouble(String)
}

/// Reads the manifest again.
package protocol ManifestSource: Sendable {
    func load() async -> Result<Fleet, ManifestTrouble>
    /// From now on another free port for this one; what the next `load` gives.
    func movePort(_ port: String, of service: ServiceName) async throws(PortTrouble) -> Int
}

package struct ManifestTrouble: Error, Sendable, Hashable {
    /// Each with its position: `fleet.yaml:3:5: …`.
    package var errors: [String]

    package init(errors: [String]) { self.errors = errors }
}
