internal import CPlatform
import Glibc

/// Runs a small command with text on its standard input and waits for it, not for ever.
enum ChildCommand {
    /// True when the command was found and ended well within a second. Its output is thrown away.
    static func run(_ arguments: [String], input: [UInt8]) -> Bool {
        // A socket instead of a pipe: a command that does not read must not end us with SIGPIPE.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return false
        }
        guard let child = spawn(arguments, standardInput: ends[1]) else {
            Glibc.close(ends[0])
            Glibc.close(ends[1])
            return false
        }
        Glibc.close(ends[1])
        let sent = send(input, to: ends[0])
        Glibc.close(ends[0])
        return endedWell(child) && sent
    }

    private static func spawn(_ arguments: [String], standardInput: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        // Tools for the clipboard go on in the background: they must not keep our connections.
        fleet_spawn_close_from(&actions, 3)
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        argv.append(nil)
        defer { argv.forEach { free($0) } }
        var child: pid_t = 0
        return posix_spawnp(&child, arguments[0], &actions, nil, argv, environ) == 0 ? child : nil
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&ready, 1, 500) == 1 else { return false }
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return false }
            rest.removeFirst(count)
        }
        return true
    }

    private static func endedWell(_ child: pid_t) -> Bool {
        var status: Int32 = 0
        for _ in 0..<200 {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { return status == 0 }
            if ended < 0 { return false }
            usleep(5000)
        }
        kill(child, SIGKILL)
        waitpid(child, &status, 0)
        return false
    }
}
