import FleetModel
import FleetProcesses
import Foundation

/// `fleet connect` as a child on the console's terminal.
enum ConnectProgram {
    /// Returns when the operator came back.
    ///
    /// - Returns: why it did not work; empty when it did.
    static func run(_ service: ServiceID, manifestPath: String) -> String {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return "no pipe to be had" }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let words = [DetachedProcess.ownExecutable, "connect", service.rawValue, "-f", manifestPath]
        let child = spawn(words, standardError: ends[1])
        close(ends[1])
        guard let child else { return "fleet connect could not be started" }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        // What it says at an ordinary end is for a shell's prompt.
        guard status != 0 else { return "" }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = max(0, read(ends[0], &buffer, buffer.count))
        let sentence = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n").joined(
            separator: " "
        )
        return sentence.isEmpty ? "the terminal of \(service) was lost" : sentence
    }

    /// In our process group, so that the terminal's signals reach it, and with none of our dispositions.
    private static func spawn(_ words: [String], standardError: Int32) -> pid_t? {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardError, STDERR_FILENO)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        return posix_spawn(&child, words[0], &actions, &attributes, &arguments, environ) == 0 ? child : nil
    }
}
