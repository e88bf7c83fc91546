internal import CPlatform
package import FleetModel
internal import Glibc
internal import Synchronization

/// A process that outlives us: own session, nothing of our terminal, output into a file.
package final class DetachedProcess: Sendable {
    package let pid: ProcessID
    private let end = Mutex<Termination?>(nil)

    private init(pid: Int32) { self.pid = ProcessID(pid) }

    /// - Parameters:
    ///   - executable: absolute; usually `ownExecutable`.
    ///   - arguments: without the executable's name.
    ///   - environment: given to it but for the tags of a fleet that we may run in.
    ///   - logFile: appended to; created with mode 0600.
    /// - Returns: the started process.
    /// - Throws: when the log file cannot be opened or the process cannot be started.
    package static func start(
        executable: String,
        arguments: [String],
        environment: [String: String] = ChildEnvironment.ofThisProcess,
        logFile: String
    ) throws(DirectoryTrouble) -> DetachedProcess {
        let log = fleet_open(logFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard log >= 0 else { throw DirectoryTrouble(path: logFile, reason: errorText(log)) }
        defer { close(log) }
        // Started from within a service of another fleet, it is still not that service's: detached means detached.
        let tags = [LifeTag.runVariable, LifeTag.variable, LifeTag.commandVariable]
        let kept = environment.filter { !tags.contains($0.key) }
        let request = SpawnRequest(
            path: executable,
            arguments: [executable] + arguments,
            environment: kept.map { "\($0)=\($1)" },
            directory: nil,
            standardOutput: log,
            standardError: log,
            losesMark: true
        )
        let pid = request.start()
        guard pid > 0 else { throw DirectoryTrouble(path: executable, reason: errorText(pid)) }
        return DetachedProcess(pid: pid)
    }

    /// How it ended, if it has: for whoever waits for it to come up.
    package func poll() -> Termination? {
        end.withLock { end in
            if end == nil { end = ChildReaper.collect(pid.rawValue)?.termination }
            return end
        }
    }

    /// The file we run from, resolved now: the link in /proc would name a deleted file after the next build.
    package static var ownExecutable: String {
        guard let path = realpath("/proc/self/exe", nil) else { return Swift.CommandLine.arguments.first ?? "fleet" }
        defer { free(path) }
        return String(cString: path)
    }
}
