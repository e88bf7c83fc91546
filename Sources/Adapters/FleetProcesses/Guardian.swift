internal import CPlatform
internal import Glibc

/// What the guardian is told on its command line; both sides of that agreement are here.
package struct GuardianOrders: Sendable, Hashable {
    package var stateDirectory: String
    package var runID: String
    /// Removed at the end, when no engine holds `lockPath` any more. Empty = none.
    package var socketPath: String
    package var lockPath: String

    package init(stateDirectory: String, runID: String, socketPath: String = "", lockPath: String = "") {
        self.stateDirectory = stateDirectory
        self.runID = runID
        self.socketPath = socketPath
        self.lockPath = lockPath
    }

    /// The words after `fleet guardian`.
    package var arguments: [String] { [stateDirectory, runID, socketPath, lockPath] }

    package init?(arguments: [String]) {
        guard arguments.count == 4, !arguments[0].isEmpty, !arguments[1].isEmpty else { return nil }
        self.init(
            stateDirectory: arguments[0],
            runID: arguments[1],
            socketPath: arguments[2],
            lockPath: arguments[3]
        )
    }
}

/// The process that cleans up when the engine is killed. It holds the reading end of a pipe as its standard input,
/// whose writing end only the engine has; the end of file is the news.
package enum GuardianMain {
    /// Waits for the engine's end, which costs nothing, then ends everything that the run left. Call it first thing in
    /// `main`.
    /// - Returns: the exit status.
    package static func run(_ orders: GuardianOrders) -> Int32 {
        // Whoever wants the fleet gone signals the engine; when that ends, this ends by itself. A signal to everything
        // named fleet must not take away the one that cleans up.
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2, SIGTSTP] {
            _ = fleet_ignore_signal(signal)
        }
        // Not to keep a folder busy that the user may want to remove.
        _ = chdir("/")
        waitForEngine()
        return clean(orders)
    }

    private static func waitForEngine() {
        var byte: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &byte, 1)
            if count == 0 || (count < 0 && errno != EINTR) { return }
        }
    }

    static func clean(_ orders: GuardianOrders) -> Int32 {
        let folder = LeaseFolder(stateDirectory: orders.stateDirectory)
        // A clean end takes the run's mark away: nothing to look for, and children that were left on purpose stay. A
        // folder that somebody removed says nothing; then the tag in their environment still finds them.
        let hasMark = folder.runs.contains(orders.runID) || folder.leases.contains { $0.run == orders.runID }
        let isOver = !hasMark && access(folder.path, F_OK) == 0
        if !isOver {
            let leases = folder.leases
            let kept = leases.filter { $0.isAliveAndKept() }
            let sequence = KillSequence(leases: leases, runs: [orders.runID], trust: .fresh, spared: kept)
            guard sequence.run().left.isEmpty else { return 1 }
            folder.clear(runs: [orders.runID], except: Set(kept.map(\.session)))
        }
        removeSocket(orders)
        return 0
    }

    /// A new engine of the same manifest may be up already; then the socket is its own.
    private static func removeSocket(_ orders: GuardianOrders) {
        guard !orders.socketPath.isEmpty, !orders.lockPath.isEmpty else { return }
        guard case .acquired(let lock)? = try? EngineLock.acquire(at: orders.lockPath) else { return }
        unlink(orders.socketPath)
        lock.release()
    }
}

/// The engine's side: starts the guardian and holds the writing end of its pipe.
struct GuardianHandle: Sendable {
    let pid: Int32
    private let pipe: Int32

    /// - Parameters:
    ///   - command: the executable and the words in front of the orders: `["/usr/bin/fleet", "guardian"]`.
    ///   - orders: what it cleans up.
    ///   - onExit: it ended although the engine lives.
    /// - Returns: `nil` when it cannot be started.
    static func start(
        _ command: [String],
        orders: GuardianOrders,
        onExit: @escaping @Sendable () -> Void
    ) -> GuardianHandle? {
        guard let executable = command.first else { return nil }
        var ends: [Int32] = [-1, -1]
        guard fleet_pipe(&ends, 0) == 0 else { return nil }
        // The shim makes the reading end non-blocking for our drain threads; the guardian waits in it.
        _ = fcntl(ends[0], F_SETFL, 0)
        let request = SpawnRequest(
            path: executable,
            arguments: command + orders.arguments,
            environment: ChildEnvironment.ofThisProcess.map { "\($0)=\($1)" },
            directory: nil,
            standardInput: ends[0]
        )
        let pid = ChildReaper.shared.spawn({ request.start() }, onExit: { _ in onExit() })
        close(ends[0])
        guard pid > 0 else {
            close(ends[1])
            return nil
        }
        return GuardianHandle(pid: pid, pipe: ends[1])
    }

    /// Lets it see the end of the engine.
    func release() { close(pipe) }
}
