package import FleetModel

/// A window on the merged lines.
package struct LogRequest: Sendable {
    package enum Direction: Sendable {
        /// The newest lines before the cursor.
        case backward
        /// The oldest lines after it.
        case forward
    }

    /// At most this many lines come back at once.
    package static let largestLimit = 10_000

    /// Empty = all.
    package var services: Set<ServiceID>
    package var filter: LogFilter
    /// Lines that also match this are marked; `nil` marks none.
    package var find: LogFilter?
    /// Line id, exclusive; `nil` = from the end (backward) or the beginning (forward).
    package var cursor: Int?
    package var direction: Direction
    package var limit: Int

    package init(
        services: Set<ServiceID> = [],
        filter: LogFilter = .everything,
        find: LogFilter? = nil,
        cursor: Int? = nil,
        direction: Direction = .backward,
        limit: Int = 200
    ) {
        self.services = services
        self.filter = filter
        self.find = find
        self.cursor = cursor
        self.direction = direction
        self.limit = min(max(0, limit), Self.largestLimit)
    }
}

/// What a request found.
package struct LogWindow: Equatable, Sendable {
    /// Oldest first.
    package var records: [LogRecord] = []
    /// Ids among `records` that match `find`.
    package var matches: Set<Int> = []
    /// Lines in memory that match the filter, and those of them before the first record (or the cursor).
    package var matchingCount = 0
    package var matchingBefore = 0
    /// Lines in memory of the services asked for.
    package var keptCount = 0
    /// Lines of these services that memory no longer has.
    package var evictedCount = 0
    /// Nearest lines outside of the window that match `find`.
    package var previousMatch: Int?
    package var nextMatch: Int?
    /// For following: every line with an id up to this one has been looked at, match or not.
    package var scannedThrough = -1

    package init() {}
}
