import CPlatform
import Foundation
import Testing

/// What a program left when it ended.
struct Outcome {
    /// The exit status; 128 + the signal's number when a signal ended it.
    let status: Int32
    let output: String
    let errors: String

    /// Standard output as JSON; fails the test when it is not.
    func json(sourceLocation: SourceLocation = #_sourceLocation) throws -> Any {
        do {
            return try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed)
        } catch {
            Issue.record("not JSON: \(output.prefix(400))\n\(errors)", sourceLocation: sourceLocation)
            throw error
        }
    }

    /// Standard output as one JSON document a line.
    func jsonLines(sourceLocation: SourceLocation = #_sourceLocation) throws -> [[String: Any]] {
        try output.split(separator: "\n").map { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return try #require(object, "not an object: \(line)", sourceLocation: sourceLocation)
        }
    }
}

/// A program without a terminal, its streams in files, so that it never waits for the test to read.
///
/// Not Foundation's `Process`: that one takes a program for alive while a daemon that it left behind is.
final class RunningProgram {
    let words: String
    let pid: pid_t
    private let files: [URL]
    private var status: Int32?

    init(_ executable: String, _ arguments: [String], in folder: URL, environment: [String: String]) throws {
        words = ([URL(fileURLWithPath: executable).lastPathComponent] + arguments).joined(separator: " ")
        let file = folder.appendingPathComponent("out-\(UInt32.random(in: 0 ... .max))")
        files = [file, file.appendingPathExtension("err")]
        let line = "cd \"$1\" && out=\"$2\" && shift 2 && exec \"$@\" < /dev/null > \"$out\" 2> \"$out.err\""
        let command = ["/bin/sh", "-c", line, "sh", folder.path, file.path, executable] + arguments
        pid = try Self.spawn(command, environment.map { "\($0)=\($1)" })
    }

    deinit {
        if isRunning { kill(pid, SIGKILL) }
        for file in files { unlink(file.path) }
    }

    var output: String { text(files[0]) }
    var errors: String { text(files[1]) }

    var isRunning: Bool {
        reap(WNOHANG)
        return status == nil
    }

    /// Waits for the end; a program that does not end in time is killed and fails the test.
    func end(within seconds: Double = 180, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Outcome {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while isRunning {
            if ContinuousClock.now > deadline {
                Issue.record("\(words) does not end: \(output)\(errors)", sourceLocation: sourceLocation)
                throw TimedOut(what: "the end of \(words)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        return outcome
    }

    /// The same for a program that is known to take some milliseconds.
    func endAtOnce() -> Outcome {
        reap(0)
        return outcome
    }

    private var outcome: Outcome { Outcome(status: status ?? -1, output: output, errors: errors) }

    private func reap(_ options: Int32) {
        var word: Int32 = 0
        guard status == nil, waitpid(pid, &word, options) == pid else { return }
        let signal = word & 0x7f
        status = signal == 0 ? (word >> 8) & 0xff : 128 + signal
    }

    private func text(_ file: URL) -> String {
        String(decoding: FileManager.default.contents(atPath: file.path) ?? Data(), as: UTF8.self)
    }

    /// In a process group of its own, with no signal blocked: the threads that run tests block all of them. Without the
    /// connections that other tests have open at this moment: a daemon would keep them from ever being closed.
    private static func spawn(_ command: [String], _ environment: [String]) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        fleet_spawn_close_from(&actions, 3)
        var words = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for word in words + variables { free(word) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, &attributes, &words, &variables)
        guard code == 0 else { throw TimedOut(what: "the start of \(command): \(String(cString: strerror(code)))") }
        return pid
    }
}

struct TimedOut: Error { let what: String }
