import ArgumentParser
import FleetAPI
import Foundation

/// Where a service runs: its folder and environment, for a program of the operator's.
struct ServiceSurroundings {
    let service: String
    let folder: String
    let environment: [String: String]

    static func of(_ service: String, _ manifestPath: String) async throws -> ServiceSurroundings {
        let client = try await EngineAccess.connect(manifestPath)
        let answer = try await asked { () throws(EngineError) in try await client.environment(service) }
        var environment: [String: String] = [:]
        for variable in answer.variables where !tags.contains(variable.name) {
            environment[variable.name] = variable.value
        }
        return ServiceSurroundings(
            service: answer.service,
            folder: answer.workingDirectory,
            environment: environment
        )
    }

    /// By the first two an engine recognises what its services left behind, and ends it; the rest is for the service's
    /// own process (sd_notify(3), sd_listen_fds(3)). The operator's programs are neither.
    private static let tags: Set = [
        "FLEET_RUN_ID", "FLEET_LIFE", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID",
        "LISTEN_FDNAMES",
    ]

    /// Replaces this process; returns only why that did not work, with a shell's statuses 126 and 127.
    func become(_ command: [String]) -> Failure {
        guard let name = command.first else { return .invalid("no command") }
        guard chdir(folder) == 0 else { return .failed("\(folder): \(Self.reason(errno))") }
        guard let path = executable(name) else {
            return Failure(status: ExitCode(127), message: "\(name): command not found")
        }
        // Nothing that this process did to its signals and descriptors is the program's business.
        for number in [SIGPIPE, SIGHUP, SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        Self.closeOnExec()
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        execve(path, &words, &variables)
        let error = errno
        for word in words + variables { free(word) }
        return Failure(status: ExitCode(error == ENOENT ? 127 : 126), message: "\(name): \(Self.reason(error))")
    }

    /// As a shell looks for it: along the service's PATH, unless the name has a slash.
    private func executable(_ name: String) -> String? {
        if name.contains("/") { return name }
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(
            separator: ":",
            omittingEmptySubsequences: false
        )
        for folder in folders {
            let path = folder.isEmpty ? "./\(name)" : "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            if access(path, X_OK) == 0 { return path }
        }
        return nil
    }

    private static func closeOnExec() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    private static func reason(_ error: Int32) -> String { String(cString: strerror(error)) }
}
