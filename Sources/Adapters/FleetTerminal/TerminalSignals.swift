import CNcurses
import Glibc

/// A signal that asks the program to end; what it does about it is the program's business.
package enum EndingSignal: Int32, Hashable, Sendable {
    case hangup = 1
    case interrupt = 2
    case quit = 3
    case terminate = 15
}

/// The signal handlers of a program that owns a terminal, and the pipe they write to.
///
/// This is the only file that may call the functions of `signals.h`, and nothing here may be inlined into another file:
/// their state is static, one per object file.
/// The handlers must be in place before ncurses starts, which installs its own where it finds the default action.
struct TerminalSignals: ~Copyable {
    private static let fatal: [Int32] = [SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGFPE]
    private static let reported: [Int32] = [SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT, SIGQUIT]

    /// Becomes readable when a signal has arrived.
    let descriptor: Int32
    private let writeEnd: Int32

    /// `nil` when there is no pipe to be had or the terminal's settings cannot be read.
    @inline(never)
    init?(terminal: Int32) {
        var ends: [Int32] = [-1, -1]
        guard fleet_remember_terminal(terminal), fleet_wake_pipe(&ends) else { return nil }
        descriptor = ends[0]
        writeEnd = ends[1]
        fleet_wake_through(writeEnd)
        install()
    }

    @inline(never)
    deinit {
        fleet_disarm_restore()
        for number in Self.fatal + Self.reported { fleet_uninstall(number) }
        Glibc.close(descriptor)
        Glibc.close(writeEnd)
    }

    /// Also after ncurses started, in case it put handlers of its own over ours.
    @inline(never)
    func install() {
        fleet_install_alternate_stack()
        for number in Self.fatal { fleet_install(number, true) }
        for number in Self.reported { fleet_install(number, false) }
    }

    /// What a fatal signal sends to the terminal before the process ends.
    @inline(never)
    func armRestore(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { fleet_arm_restore($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    }

    @inline(never)
    func disarmRestore() { fleet_disarm_restore() }

    /// Gives the terminal the settings it had before.
    @inline(never)
    func resetTerminal() { fleet_reset_terminal() }

    /// The numbers of the signals that arrived since the last call.
    @inline(never)
    func drain() -> Set<Int32> {
        var numbers: Set<Int32> = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            numbers.formUnion(buffer.prefix(count).map(Int32.init))
        }
        if !numbers.isEmpty { fleet_answered() }
        return numbers
    }

    /// Stops the process group as the terminal's Ctrl-z would, and returns when it is continued.
    ///
    /// The kernel ignores the stop of an orphaned group (a terminal that runs us without a shell), so waiting has an end.
    @inline(never)
    func stopProcessGroup() {
        fleet_clear_continued()
        var action = sigaction()
        action.__sigaction_handler.sa_handler = SIG_DFL
        var ours = sigaction()
        sigaction(SIGTSTP, &action, &ours)
        kill(0, SIGTSTP)
        for _ in 0..<20 where !fleet_was_continued() { usleep(5000) }
        sigaction(SIGTSTP, &ours, nil)
    }
}
