package import FleetEngine
internal import Glibc
internal import Synchronization

/// Watches files with inotify(7): one instance and one thread for all who ask, as long as somebody does. Nothing is
/// polled.
///
/// A change of content is a file that was created, written and closed, moved here, moved away or removed. A folder that
/// was moved away is told as its path with a `/` at the end; what else happens to folders shows in their files.
/// Symbolic links below a path are files, not ways to other folders; a path that is itself one is followed.
package final class InotifyWatcher: FileWatching {
    private let calls: InotifyCalls
    private let bufferLimit: Int
    private let loop = Mutex<WatchLoop?>(nil)

    package convenience init() { self.init(calls: InotifyCalls()) }

    /// - Parameters:
    ///   - calls: the kernel's.
    ///   - bufferLimit: changes that wait for a consumer; beyond it the oldest are dropped and `.overflow` is told.
    init(calls: InotifyCalls, bufferLimit: Int = 8_192) {
        self.calls = calls
        self.bufferLimit = bufferLimit
    }

    /// Whether an instance is open.
    var isWatching: Bool { loop.withLock { $0?.isOpen == true } }

    /// What happens after this returned is told. It looks through the folders before it returns, which takes a
    /// millisecond for some hundred of them. A path need not exist yet.
    package func changes(
        below paths: [String],
        ignore: @escaping @Sendable (String) -> Bool
    ) -> AsyncStream<FileChange> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: FileChange.self,
            bufferingPolicy: .bufferingNewest(bufferLimit)
        )
        let subscription = WatchDesk.Subscription(
            roots: paths.map(Self.withoutSlash),
            ignore: ignore,
            continuation: continuation
        )
        if let (loop, id) = attach(subscription) {
            continuation.onTermination = { _ in loop.unsubscribe(id) }
        }
        return stream
    }

    private func attach(_ subscription: WatchDesk.Subscription) -> (WatchLoop, Int)? {
        loop.withLock { current in
            if let loop = current, let id = loop.subscribe(subscription) { return (loop, id) }
            let descriptor = calls.open()
            guard descriptor >= 0 else {
                // The stream stays open: nobody asks again in a hurry.
                subscription.continuation.yield(.trouble(WatchTrouble.sentence(-descriptor, "the folder")))
                return nil
            }
            let fresh = WatchLoop(WatchDesk(descriptor: descriptor, calls: calls))
            current = fresh
            return fresh.subscribe(subscription).map { (fresh, $0) }
        }
    }

    private static func withoutSlash(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}

/// The thread that reads the events of one inotify instance, until nobody is interested any more.
final class WatchLoop: Sendable {
    private struct State {
        var desk: WatchDesk
        /// Nobody is interested any more; the thread is about to end.
        var isClosed = false
        var hasThread = false
        var isOpen = true
    }

    private let descriptor: Int32
    private let bell = EventBell(isBlocking: false)
    private let state: Mutex<State>
    /// Consumers that went away, for the thread to forget. Apart from `state`: a stream tells its end while its task is
    /// locked, and the thread that holds `state` may just be waking that very task.
    private let leaving = Mutex<[Int]>([])

    init(_ desk: WatchDesk) {
        descriptor = desk.descriptor
        state = Mutex(State(desk: desk))
    }

    deinit { end() }

    var isOpen: Bool { state.withLock(\.isOpen) }

    /// Gives the instance back, once.
    private func end() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        if wasOpen { Glibc.close(descriptor) }
    }

    /// - Returns: `nil` when it is closed already.
    func subscribe(_ subscription: WatchDesk.Subscription) -> Int? {
        let (id, isFirst) = state.withLock { state -> (Int?, Bool) in
            guard !state.isClosed else { return (nil, false) }
            defer { state.hasThread = true }
            return (state.desk.subscribe(subscription), !state.hasThread)
        }
        if isFirst, !DedicatedThread.start(name: "fleet-watch", { self.run() }) {
            subscription.continuation.yield(.trouble("no file is watched: the system gives no thread"))
            state.withLock { $0.hasThread = false }
        }
        return id
    }

    /// Never waits; the thread does the rest.
    func unsubscribe(_ id: Int) {
        leaving.withLock { $0.append(id) }
        bell.ring()
    }

    private func forgetTheLeaving() {
        let ids = leaving.withLock { ids in
            defer { ids = [] }
            return ids
        }
        guard !ids.isEmpty else { return }
        // Released outside of the lock: it may be the last to hold a stream.
        let ended = state.withLock { state in
            let ended = ids.map { state.desk.unsubscribe($0) }
            if state.desk.subscriptions.isEmpty { state.isClosed = true }
            return ended
        }
        withExtendedLifetime(ended) {}
    }

    private func run() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var ready = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&ready, 2, -1)
            bell.wait()
            forgetTheLeaving()
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            let events = buffer.withUnsafeBytes { bytes in
                InotifyEvent.events(in: UnsafeRawBufferPointer(rebasing: bytes.prefix(max(0, count))))
            }
            let isClosed = state.withLock { state in
                if !state.isClosed { state.desk.handle(events) }
                return state.isClosed
            }
            if isClosed { return end() }
        }
    }
}
