package import FleetModel

/// Turns the file changes of one service into few triggers: a rule fires when its files have been quiet for 300 ms, at
/// latest 2 s after the first change, so that saving fifty files is one restart. More than ten firings within a minute are
/// taken for a loop (a service that writes what it watches): then it is suspended until the operator says otherwise.
package struct WatchDebouncer: Sendable, Equatable {
    /// What one rule has gathered.
    package struct Batch: Sendable, Equatable {
        package var action: WatchRule.Action
        /// `main.swift`, `main.swift and 3 others`.
        package var cause: String
        /// The first file; absolute.
        package var path: String

        package init(action: WatchRule.Action, cause: String, path: String) {
            self.action = action
            self.cause = cause
            self.path = path
        }
    }

    private struct Gathering: Sendable, Equatable {
        /// As people see it.
        var first: String
        /// Absolute.
        var firstPath: String
        var firstAt: Moment
        var lastAt: Moment
        var paths: Set<String>
        var hasMore = false

        var dueAt: Moment { min(lastAt + WatchDebouncer.quiet, firstAt + WatchDebouncer.patience) }
    }

    package static let quiet = Duration.milliseconds(300)
    package static let patience = Duration.seconds(2)
    /// Firings within `flapWindow` that are believed.
    package static let flapLimit = 10
    package static let flapWindow = Duration.seconds(60)
    /// Different files that are counted in one burst.
    private static let pathLimit = 1000

    private let rules: [WatchRule]
    private let filters: [WatchFilter]
    private var gatherings: [Int: Gathering] = [:]
    /// When it fired within the last minute, oldest first; at most `flapLimit`.
    private var recent: [Moment] = []
    /// Firings so far.
    package private(set) var triggers = 0
    /// Changes that nobody reacted to because of a suspension.
    package private(set) var dropped = 0
    /// Why it no longer reacts; `nil` while it does.
    package private(set) var suspension: String?

    package init(_ rules: [WatchRule]) {
        self.rules = rules
        filters = rules.map(WatchFilter.init)
    }

    package var status: WatchStatus { WatchStatus(triggers: triggers, suspension: suspension) }

    /// Whether no rule wants to know of this path (absolute; a folder ends with `/`).
    package func ignores(_ path: String) -> Bool { filters.allSatisfy { $0.ignores(path) } }

    /// A file has changed. Absolute path.
    package mutating func feed(_ path: String, at now: Moment) {
        for (index, filter) in filters.enumerated() where filter.accepts(path) {
            gather(path, filter.spoken(path), index, at: now)
        }
    }

    /// Any file may have changed: more happened than could be told.
    package mutating func feedOverflow(at now: Moment) {
        for index in rules.indices {
            gather(rules[index].path, "many files", index, at: now)
        }
    }

    private mutating func gather(_ path: String, _ name: String, _ index: Int, at now: Moment) {
        guard suspension == nil else {
            dropped = min(dropped + 1, .max - 1)
            return
        }
        guard var gathering = gatherings[index] else {
            gatherings[index] = Gathering(first: name, firstPath: path, firstAt: now, lastAt: now, paths: [path])
            return
        }
        gathering.lastAt = max(gathering.lastAt, now)
        if gathering.paths.count < Self.pathLimit || gathering.paths.contains(path) {
            gathering.paths.insert(path)
        } else {
            gathering.hasMore = true
        }
        gatherings[index] = gathering
    }

    /// When `fire` is due; nil while nothing has changed.
    package var nextDeadline: Moment? { gatherings.values.map(\.dueAt).min() }

    /// What is due, in the order of the rules. A rebuild ends with a restart, so a restart beside it is left out.
    package mutating func fire(at now: Moment) -> [Batch] {
        let due = gatherings.filter { $0.value.dueAt <= now }.keys.sorted()
        guard !due.isEmpty else { return [] }
        let batches = due.compactMap { index -> Batch? in
            guard let gathering = gatherings.removeValue(forKey: index) else { return nil }
            return Batch(
                action: rules[index].action,
                cause: cause(gathering),
                path: gathering.firstPath
            )
        }
        guard isBelieved(batches[0].cause, at: now) else { return [] }
        triggers = min(triggers + 1, .max - 1)
        let rebuilds = batches.contains { $0.action == .rebuild }
        var fired: [Batch] = []
        for batch in batches where !(rebuilds && batch.action == .restart) {
            if fired.contains(where: { $0.action == batch.action }) { continue }
            fired.append(batch)
        }
        return fired
    }

    private func cause(_ gathering: Gathering) -> String {
        let others = gathering.paths.count - 1
        if others <= 0 { return gathering.first }
        return
            "\(gathering.first) and \(gathering.hasMore ? "more than " : "")\(others) \(others == 1 ? "other" : "others")"
    }

    private mutating func isBelieved(_ cause: String, at now: Moment) -> Bool {
        recent.removeAll { $0.distance(to: now) >= Self.flapWindow }
        guard recent.count < Self.flapLimit else {
            suspension = "more than \(Self.flapLimit) triggers within a minute, the last by \(cause)"
            gatherings = [:]
            return false
        }
        recent.append(now)
        return true
    }

    /// The operator lets it react again.
    package mutating func resume() {
        suspension = nil
        recent = []
    }
}
