/// The adapters that an engine is given.
package struct EnginePorts: Sendable {
    package var network: any NetworkProbing
    package var scraper: any Scraping
    package var clock: any EngineClock
    /// Made late because it reports to the engine: where output and exits go.
    package var host: @Sendable (any LogSink, @escaping @Sendable (HostEvent) -> Void) async throws -> any ProcessHost
    /// `nil` = lives are only remembered for as long as the engine runs.
    package var archive: (any LifeArchive)?
    /// `nil` = neither `develop.watch` nor changes of the manifest are noticed.
    package var files: (any FileWatching)?
    /// `nil` = the manifest stays as it was when the engine started.
    package var manifest: (any ManifestSource)?

    package init(
        network: any NetworkProbing,
        scraper: any Scraping,
        clock: any EngineClock,
        archive: (any LifeArchive)? = nil,
        files: (any FileWatching)? = nil,
        manifest: (any ManifestSource)? = nil,
        host: @escaping @Sendable (any LogSink, @escaping @Sendable (HostEvent) -> Void) async throws -> any ProcessHost
    ) {
        self.network = network
        self.scraper = scraper
        self.clock = clock
        self.archive = archive
        self.files = files
        self.manifest = manifest
        self.host = host
    }
}

/// What distinguishes one run of the engine.
package struct EngineRun: Sendable {
    /// In the environment of every child, to find strays.
    package var id: String
    package var seed: UInt64
    package var pid: Int32
    package var stateDirectory: String
    /// `nil` when no receiver could be opened.
    package var otlpPort: Int?

    package init(id: String, seed: UInt64, pid: Int32, stateDirectory: String, otlpPort: Int?) {
        self.id = id
        self.seed = seed
        self.pid = pid
        self.stateDirectory = stateDirectory
        self.otlpPort = otlpPort
    }
}
