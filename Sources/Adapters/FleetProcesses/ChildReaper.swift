internal import CPlatform
internal import FleetModel
internal import Glibc
internal import Synchronization

/// Reaps ended children. SIGCHLD and waitpid belong to the process as a whole, so there is one reaper per process,
/// whatever the number of hosts.
final class ChildReaper: Sendable {
    typealias Handler = @Sendable (Termination) -> Void

    static let shared = ChildReaper()

    private struct State {
        var handlers: [Int32: Handler] = [:]
        /// Also reap children nobody asked for: orphans that the kernel gave us as their subreaper.
        var reapsUnknown = false
        var isWatching = false
    }

    private let state = Mutex(State())

    /// From now on every ended child is reaped. Only for a process whose children are all started here: a library that
    /// waits for a child of its own would find it gone.
    func reapUnknownChildren() {
        state.withLock { $0.reapsUnknown = true }
        start()
    }

    /// Starts a child and registers its handler in one step, so that its end cannot be missed.
    /// - Parameters:
    ///   - launch: returns the process id, or a negated errno.
    ///   - handler: called once, on the reaper's thread.
    /// - Returns: what `launch` returned.
    func spawn(_ launch: () -> Int32, onExit handler: @escaping Handler) -> Int32 {
        start()
        return state.withLock { state in
            let pid = launch()
            if pid > 0 { state.handlers[pid] = handler }
            return pid
        }
    }

    /// Lets an adopted orphan be reaped when it ends. Nothing happens when it is already known.
    func adopt(_ pid: Int32) {
        let isNew = state.withLock { state in
            guard state.handlers[pid] == nil else { return false }
            state.handlers[pid] = { _ in }
            return true
        }
        // It may have ended before we knew it; SIGCHLD does not come twice.
        if isNew { reap() }
    }

    /// Whether it was started here or adopted, and has not been reaped.
    func isKnown(_ pid: Int32) -> Bool { state.withLock { $0.handlers[pid] != nil } }

    /// Signals a child of ours, unless it was already reaped and its number may belong to somebody else.
    func signal(_ pid: Int32, _ signal: Int32) {
        state.withLock { state in
            if state.handlers[pid] != nil { _ = kill(pid, signal) }
        }
    }

    private func start() {
        let isFirst = state.withLock { state in
            defer { state.isWatching = true }
            return !state.isWatching
        }
        guard isFirst else { return }
        let descriptor = fleet_watch_children()
        guard descriptor >= 0 else { return }
        DedicatedThread.start(name: "fleet-reaper") { [self] in
            while true {
                var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = poll(&ready, 1, -1)
                var count: UInt64 = 0
                _ = read(descriptor, &count, 8)
                reap()
            }
        }
    }

    private func reap() {
        let ended = state.withLock { state -> [(Handler, Termination)] in
            state.reapsUnknown ? Self.reapAll(&state) : Self.reapKnown(&state)
        }
        for (handler, termination) in ended { handler(termination) }
    }

    private static func reapAll(_ state: inout State) -> [(Handler, Termination)] {
        var ended: [(Handler, Termination)] = []
        while let (pid, termination) = collect(-1) {
            if let handler = state.handlers.removeValue(forKey: pid) { ended.append((handler, termination)) }
        }
        return ended
    }

    private static func reapKnown(_ state: inout State) -> [(Handler, Termination)] {
        var ended: [(Handler, Termination)] = []
        for (pid, handler) in state.handlers {
            switch look(pid) {
            case .ended(_, let termination):
                state.handlers[pid] = nil
                ended.append((handler, termination))
            // Reaped before it was adopted: its number will be somebody else's.
            case .unknown: state.handlers[pid] = nil
            case .alive: break
            }
        }
        return ended
    }

    private enum Look {
        case alive
        case ended(pid: Int32, Termination)
        /// No child of ours has that number.
        case unknown
    }

    /// Reaps `pid` (-1 = any child) if it has ended.
    static func collect(_ pid: Int32) -> (pid: Int32, termination: Termination)? {
        if case .ended(let pid, let termination) = look(pid) { (pid, termination) } else { nil }
    }

    private static func look(_ pid: Int32) -> Look {
        var result = fleet_wait_result()
        fleet_reap(pid, &result)
        guard result.pid > 0 else { return result.pid == -ECHILD ? .unknown : .alive }
        let termination: Termination =
            result.exited != 0
            ? .exited(code: result.code)
            : .signalled(result.signal, coreDumped: result.core_dumped != 0)
        return .ended(pid: result.pid, termination)
    }
}
