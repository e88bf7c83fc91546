/// How one life of a process ended.
package enum Termination: Hashable, Sendable, Codable {
    case exited(code: Int32)
    case signalled(Int32, coreDumped: Bool)
    /// Never became a process: the binary is missing, the folder is missing, E2BIG… The text says which.
    case notStarted(String)
    /// It was taken over from an earlier engine, or was what an ended leader had left (`leftovers: keep`): nobody's child
    /// any more, so that its status went to somebody else.
    case unobserved

    /// The shell's convention: the code itself, or 128 + signal; 127 when it never started, 255 when nobody knows.
    package var shellStatus: Int32 {
        switch self {
        case .exited(let code): code
        case .signalled(let signal, _): 128 &+ signal
        case .notStarted: 127
        case .unobserved: 255
        }
    }
}

extension Termination: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let code): "exit \(code)"
        case .signalled(let signal, let dumped):
            "exit \(128 &+ signal) (\(SignalName.name(of: signal))\(dumped ? ", core dumped" : ""))"
        case .notStarted(let reason): reason
        case .unobserved: "ended, with a status that nobody saw"
        }
    }
}

/// Names of the signals that people write and read; numbers are those of Linux on x86-64 and arm64.
package enum SignalName {
    private static let table: [(name: String, number: Int32)] = [
        ("HUP", 1), ("INT", 2), ("QUIT", 3), ("ILL", 4), ("TRAP", 5), ("ABRT", 6), ("BUS", 7), ("FPE", 8), ("KILL", 9),
        ("USR1", 10), ("SEGV", 11), ("USR2", 12), ("PIPE", 13), ("ALRM", 14), ("TERM", 15), ("STKFLT", 16),
        ("CHLD", 17),
        ("CONT", 18), ("STOP", 19), ("TSTP", 20), ("TTIN", 21), ("TTOU", 22), ("URG", 23), ("XCPU", 24), ("XFSZ", 25),
        ("VTALRM", 26), ("PROF", 27), ("WINCH", 28), ("IO", 29), ("PWR", 30), ("SYS", 31),
    ]

    /// `SIGTERM` for 15; `signal 42` for one that has no common name.
    package static func name(of number: Int32) -> String {
        table.first { $0.number == number }.map { "SIG\($0.name)" } ?? "signal \(number)"
    }

    /// Accepts `SIGTERM`, `TERM`, `term` and `15`.
    package static func number(of text: String) -> Int32? {
        if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        return table.first { $0.name == name }?.number
    }

    /// Every name with its `SIG` prefix, for hints.
    package static var all: [String] { table.map { "SIG\($0.name)" } }
}
