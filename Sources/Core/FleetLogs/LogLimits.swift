/// How much is kept in memory. What falls out is counted, and the disk segments still have it.
package struct LogLimits: Equatable, Sendable {
    /// Lines of one service.
    package var linesPerService = 100_000
    /// Bytes of one service, index included.
    package var bytesPerService = 12 * 1024 * 1024
    /// Bytes of all services together; beyond it the service that holds most gives way.
    package var totalBytes = 128 * 1024 * 1024
    /// A service that prints more than this in one second is in flood: its lines are kept like others, but their severity is
    /// only looked for when somebody asks, and they do not count as errors.
    package var floodBytesPerSecond = 32 * 1024 * 1024

    package init() {}
}

/// What became of one service's lines since the store exists.
package struct LogCounters: Equatable, Sendable {
    package var lines = 0
    package var bytes = 0
    package var warnings = 0
    /// Lines of severity error and fatal, continuations not counted.
    package var errors = 0
    /// Lines that arrived in a flood; they are in `lines` but in neither of the two counts above.
    package var unclassified = 0
    package var evictedLines = 0
    package var evictedBytes = 0
    package var keptLines = 0
    /// Index included.
    package var keptBytes = 0
    /// Of the newest line; -1 before the first.
    package var lastID = -1
    /// Of the newest line of severity error or fatal; -1 before the first.
    package var lastErrorID = -1

    package init() {}
}
