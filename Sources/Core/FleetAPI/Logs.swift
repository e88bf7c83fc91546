package import FleetModel

/// A window on the merged log. Filters apply before any cut (k9s#3364).
package struct LogQuery: Hashable, Sendable, Codable {
    package enum Direction: String, Hashable, Sendable, Codable {
        /// The `limit` newest lines before the cursor; the page is still oldest first.
        case backward
        /// The `limit` oldest lines after the cursor.
        case forward
    }

    /// Service or instance names; empty = all.
    package var services: [String]
    /// The filter language of the console and of `fleet logs --filter`; empty = everything.
    package var filter: String
    /// Line id, exclusive; `nil` = from the end (backward) or from the beginning (forward).
    package var cursor: Int?
    package var direction: Direction
    /// Lines; at most 10,000 a page.
    package var limit: Int
    /// Lines that match this are counted and listed in `LogPage.matches`; does not hide anything. Same language.
    package var find: String

    package init(
        services: [String] = [],
        filter: String = "",
        cursor: Int? = nil,
        direction: Direction = .backward,
        limit: Int = 200,
        find: String = ""
    ) {
        self.services = services
        self.filter = filter
        self.cursor = cursor
        self.direction = direction
        self.limit = limit
        self.find = find
    }
}

package struct LogPage: Hashable, Sendable, Codable {
    /// Oldest first.
    package var records: [LogRecord]
    /// Ids of records in this page that match `find`.
    package var matches: Set<Int>
    /// Lines that match the filter over everything kept in memory, and those before this page.
    package var matchingCount: Int
    package var matchingBefore: Int
    /// Lines kept in memory.
    package var keptCount: Int
    /// Lines of these services no longer in memory; the disk has them.
    package var evictedCount: Int
    /// The nearest lines before and after this page that match `find`.
    package var previousMatch: Int?
    package var nextMatch: Int?

    package init(
        records: [LogRecord] = [],
        matches: Set<Int> = [],
        matchingCount: Int = 0,
        matchingBefore: Int = 0,
        keptCount: Int = 0,
        evictedCount: Int = 0,
        previousMatch: Int? = nil,
        nextMatch: Int? = nil
    ) {
        self.records = records
        self.matches = matches
        self.matchingCount = matchingCount
        self.matchingBefore = matchingBefore
        self.keptCount = keptCount
        self.evictedCount = evictedCount
        self.previousMatch = previousMatch
        self.nextMatch = nextMatch
    }
}
