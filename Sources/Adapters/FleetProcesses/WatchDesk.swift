internal import FleetEngine
internal import Glibc

/// Who watches what through one inotify instance, and what an event means to each of them. Holds no thread and reads no
/// descriptor.
///
/// A folder is watched before it is listed. So whatever is put into a new folder is either in the list or in an event,
/// however soon after the folder it came.
struct WatchDesk: Sendable {
    struct Subscription: Sendable {
        /// Without a slash at the end.
        var roots: [String]
        var ignore: @Sendable (String) -> Bool
        var continuation: AsyncStream<FileChange>.Continuation
        /// The consumer was too slow: changes were dropped that it has not been told about.
        var hasLost = false
        /// Error numbers that were told.
        var troubles: Set<Int32> = []
    }

    /// Why one subscription has a folder watched.
    struct Role: Hashable, Sendable {
        enum Purpose: Hashable, Sendable {
            /// Everything in it matters; by this path.
            case tree(String)
            /// One name in it matters to the root of this number.
            case anchor(root: Int, name: String, Part)
        }

        /// What an anchored name is to its root.
        enum Part: Hashable, Sendable {
            case root
            /// The file that the root, a symbolic link, leads to.
            case target
            /// A folder above the root that does not exist.
            case way
        }

        var subscription: Int
        var purpose: Purpose
    }

    let descriptor: Int32
    let calls: InotifyCalls
    var subscriptions: [Int: Subscription] = [:]
    private(set) var roles: [Int32: Set<Role>] = [:]
    private var nextID = 1

    init(descriptor: Int32, calls: InotifyCalls) {
        self.descriptor = descriptor
        self.calls = calls
    }

    mutating func subscribe(_ subscription: Subscription) -> Int {
        let id = nextID
        nextID += 1
        subscriptions[id] = subscription
        for root in subscription.roots.indices { follow(root, of: id, isNew: false) }
        tellLosses()
        return id
    }

    /// - Returns: what is to be released outside of any lock.
    mutating func unsubscribe(_ id: Int) -> Subscription? {
        for (watch, roles) in roles { for role in roles where role.subscription == id { release(watch, role) } }
        return subscriptions.removeValue(forKey: id)
    }

    // MARK: Watches

    /// - Returns: the watch, or the negated errno that the kernel gave.
    mutating func attach(_ path: String, _ mask: UInt32, as role: Role) -> Int32 {
        let watch = calls.add(descriptor, path, mask)
        if watch >= 0 { roles[watch, default: []].insert(role) }
        return watch
    }

    mutating func release(_ watch: Int32, _ role: Role) {
        guard roles[watch]?.remove(role) != nil, roles[watch]?.isEmpty == true else { return }
        roles[watch] = nil
        calls.remove(descriptor, watch)
    }

    /// Stops watching a folder and all below it for one subscription: it was moved away.
    mutating func release(below path: String, of id: Int) {
        let prefix = path + "/"
        for (watch, roles) in roles {
            for role in roles where role.subscription == id {
                guard case .tree(let folder) = role.purpose, folder == path || folder.hasPrefix(prefix) else {
                    continue
                }
                release(watch, role)
            }
        }
    }

    // MARK: Events

    mutating func handle(_ events: [InotifyEvent]) {
        for event in events {
            if event.has(IN_Q_OVERFLOW) { recover() } else { handle(event) }
        }
        tellLosses()
    }

    private mutating func handle(_ event: InotifyEvent) {
        guard let interested = roles[event.watch] else { return }
        // The kernel has taken the watch back: the folder is gone, or its file system is.
        if event.has(IN_IGNORED) { roles[event.watch] = nil }
        let isOver = event.has(IN_IGNORED, IN_DELETE_SELF, IN_MOVE_SELF, IN_UNMOUNT)
        for role in interested where subscriptions[role.subscription] != nil {
            switch role.purpose {
            case .tree(let folder):
                if !event.name.isEmpty { changed(event, at: Self.join(folder, event.name), for: role.subscription) }
            case .anchor(let root, let name, let part):
                if isOver {
                    // The root went with its folder, and nobody told of it.
                    if event.has(IN_MOVE_SELF), part == .root { tellGone(root, of: role.subscription) }
                    follow(root, of: role.subscription, isNew: true)
                } else if event.name == name {
                    rootChanged(event, root, part, of: role.subscription)
                }
            }
        }
    }

    private mutating func changed(_ event: InotifyEvent, at path: String, for id: Int) {
        guard let ignore = subscriptions[id]?.ignore, !ignore(event.isFolder ? path + "/" : path) else { return }
        guard event.isFolder else {
            tell(.changed(path), to: id)
            return
        }
        if event.has(IN_CREATE, IN_MOVED_TO) { takeUp(path, of: id, isNew: true) }
        // What was in it is gone from here, without an event for each; of a removed folder everything was told before.
        if event.has(IN_MOVED_FROM) {
            release(below: path, of: id)
            tell(.changed(path + "/"), to: id)
        }
    }

    private mutating func rootChanged(_ event: InotifyEvent, _ root: Int, _ part: Role.Part, of id: Int) {
        guard let path = subscriptions[id]?.roots[root] else { return }
        switch part {
        case .way:
            if event.has(IN_CREATE, IN_MOVED_TO) { follow(root, of: id, isNew: true) }
        case .target:
            tell(.changed(path), to: id)
        case .root:
            if event.has(IN_MOVED_FROM, IN_DELETE) {
                release(below: path, of: id)
                tell(.changed(event.isFolder ? path + "/" : path), to: id)
            } else if event.has(IN_CREATE, IN_MOVED_TO) {
                follow(root, of: id, isNew: true)
            } else if !event.isFolder {
                tell(.changed(path), to: id)
            }
        }
    }

    private mutating func tellGone(_ root: Int, of id: Int) {
        guard let path = subscriptions[id]?.roots[root] else { return }
        // Before it is told: what happens in the folder under its new name is no business of ours any more.
        release(below: path, of: id)
        tell(.changed(path), to: id)
    }

    /// Events were lost, new folders among them perhaps: everything is taken up again before it is told, so that
    /// nothing falls between.
    private mutating func recover() {
        for (id, subscription) in subscriptions {
            for (root, path) in subscription.roots.enumerated() {
                release(below: path, of: id)
                follow(root, of: id, isNew: false)
            }
            tell(.overflow, to: id)
        }
    }

    // MARK: Telling

    mutating func tell(_ change: FileChange, to id: Int) {
        guard case .dropped? = subscriptions[id]?.continuation.yield(change) else { return }
        subscriptions[id]?.hasLost = true
    }

    /// After a bunch of events: a consumer that lost some learns that it did, as the last thing in its buffer.
    private mutating func tellLosses() {
        for (id, subscription) in subscriptions where subscription.hasLost {
            subscription.continuation.yield(.overflow)
            subscriptions[id]?.hasLost = false
        }
    }

    static func join(_ folder: String, _ name: String) -> String {
        folder == "/" ? "/" + name : "\(folder)/\(name)"
    }
}
