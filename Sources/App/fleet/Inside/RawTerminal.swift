import CPlatform
import Foundation

/// The operator's terminal while a service has it: every key goes through, and everything is put back at the end, also
/// when the process crashes.
final class RawTerminal {
    /// Whatever the service's program may have switched on: alternate screen, mouse, bracketed paste, key modes, colours.
    private static let reset =
        "\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1003l\u{1B}[?1006l\u{1B}[?2004l\u{1B}[?1004l\u{1B}[?1l\u{1B}>"
        + "\u{1B}[0m\u{1B}[r\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"
    /// The alternate screen, empty, so that leaving shows what was there before.
    private static let enter = "\u{1B}[?1049h\u{1B}[H\u{1B}[2J"

    private var isRaw = false

    /// - Throws: when the terminal refuses.
    init() throws(Failure) {
        guard fleet_terminal_guard(STDOUT_FILENO, Self.reset) == 0 else {
            throw .failed("the terminal refuses raw keys")
        }
        isRaw = true
        var modes = termios()
        guard tcgetattr(STDIN_FILENO, &modes) == 0 else {
            leave()
            throw .failed("the terminal refuses raw keys")
        }
        cfmakeraw(&modes)
        guard tcsetattr(STDIN_FILENO, TCSANOW, &modes) == 0 else {
            leave()
            throw .failed("the terminal refuses raw keys")
        }
        _ = Terminal.put(Self.enter, to: STDOUT_FILENO)
    }

    deinit { leave() }

    func leave() {
        guard isRaw else { return }
        isRaw = false
        fleet_terminal_release()
    }

    /// Cells; `nil` when the terminal does not say.
    static var size: (columns: Int, rows: Int)? {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return nil
        }
        return (Int(window.ws_col), Int(window.ws_row))
    }
}
