/// What a blocking query waits for.
package enum WatchScope: Sendable, Equatable {
    case service(String)
    case list
    case everything
    case key(String, isPrefix: Bool)
}

/// The catalogue and the key/value store with their watchers.
package actor Registry {
    private struct Watcher {
        let scope: WatchScope
        let index: UInt64
        let wake: AsyncStream<Void>.Continuation
    }

    private(set) var catalog = Catalog()
    private(set) var keys: KeyValues
    private var watchers: [Int: Watcher] = [:]
    private var nextWatcher = 0
    private let store: KeyValueStore?
    private let start = ContinuousClock.now

    package init(store: KeyValueStore? = nil) throws {
        self.store = store
        keys = KeyValues(restoring: try store?.load() ?? [])
    }

    package var watcherCount: Int { watchers.count }

    private var now: Duration { ContinuousClock.now - start }

    func query<Answer: Sendable>(_ body: (Catalog) -> Answer) -> Answer { body(catalog) }

    func change<Answer: Sendable>(_ body: (inout Catalog, Duration) throws -> Answer) rethrows -> Answer {
        defer { wakeWatchers() }
        return try body(&catalog, now)
    }

    // MARK: - Keys

    func put(_ key: String, _ value: [UInt8], flags: UInt64, expected: UInt64?) throws -> Bool {
        var changed = keys
        guard try changed.put(key, value, flags: flags, expected: expected) else { return false }
        if let entry = changed.entry(key) { try store?.save(entry) }
        keys = changed
        wakeWatchers()
        return true
    }

    func remove(_ key: String, isPrefix: Bool, expected: UInt64?) throws -> Bool {
        var changed = keys
        let doomed = isPrefix ? keys.entries(under: key).map(\.key) : [key]
        guard changed.remove(key, isPrefix: isPrefix, expected: expected) else { return false }
        try store?.remove(doomed)
        keys = changed
        wakeWatchers()
        return true
    }

    // MARK: - Watching

    package func index(of scope: WatchScope) -> UInt64 {
        switch scope {
        case .service(let name): catalog.index(ofService: name)
        case .list: catalog.listIndex
        case .everything: catalog.index
        case .key(let key, let isPrefix): keys.index(of: key, isPrefix: isPrefix)
        }
    }

    /// Returns when the scope has moved past `index`, the time is up, or the task is cancelled. An index from before
    /// a restart, higher than any of ours, does not wait.
    package func wait(for scope: WatchScope, past index: UInt64, atMost timeout: Duration) async {
        guard self.index(of: scope) == index else { return }
        let (stream, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = nextWatcher
        nextWatcher += 1
        watchers[id] = Watcher(scope: scope, index: index, wake: wake)
        await withTaskGroup { group in
            group.addTask { for await _ in stream { break } }
            group.addTask { try? await Task.sleep(for: timeout) }
            await group.next()
            group.cancelAll()
        }
        watchers[id] = nil
    }

    private func wakeWatchers() {
        for watcher in watchers.values where index(of: watcher.scope) != watcher.index { watcher.wake.yield() }
    }
}
