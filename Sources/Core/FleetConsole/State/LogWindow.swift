import FleetAPI
package import FleetModel

/// The stretch of the merged log that is loaded around the anchor.
package struct LogWindow: Hashable, Sendable {
    /// Oldest first.
    package private(set) var records: [LogRecord] = []
    /// Ids of loaded lines that match the search.
    package private(set) var matches: Set<Int> = []
    package private(set) var matchingCount = 0
    /// Matching lines before the first loaded one, and after the last.
    package private(set) var olderCount = 0
    package private(set) var newerCount = 0
    package private(set) var keptCount = 0
    package private(set) var evictedCount = 0
    /// What `matches` are matches of.
    private(set) var find = ""
    private(set) var previousMatch: Int?
    private(set) var nextMatch: Int?

    package init() {}

    /// `after` holds the lines that follow `before`; `nil` when `before` reaches the end of the log.
    init(before: LogPage, after: LogPage?, find: String) {
        self.find = find
        records = before.records + (after?.records ?? [])
        matches = before.matches.union(after?.matches ?? [])
        let last = after ?? before
        matchingCount = last.matchingCount
        olderCount = before.matchingBefore
        newerCount = max(0, last.matchingCount &- last.matchingBefore &- last.records.count)
        keptCount = last.keptCount
        evictedCount = before.evictedCount
        previousMatch = before.previousMatch
        nextMatch = last.nextMatch
    }

    /// The place of a line, or of the nearest one before it; the last line for `nil`.
    func index(of id: Int?) -> Int? {
        guard !records.isEmpty else { return nil }
        guard let id else { return records.count - 1 }
        var low = 0
        var high = records.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if records[middle].id <= id { low = middle } else { high = middle }
        }
        return low
    }

    func next(after id: Int, forward: Bool, where isWanted: (LogRecord) -> Bool) -> Int? {
        forward
            ? records.first { $0.id > id && isWanted($0) }?.id
            : records.last { $0.id < id && isWanted($0) }?.id
    }
}
