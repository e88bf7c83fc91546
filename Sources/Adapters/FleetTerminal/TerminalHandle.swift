import CNcurses
import CellGrid
import Glibc

/// ncurses' handle of one terminal, and direct writes past its buffer.
struct TerminalHandle {
    let window: UnsafeMutablePointer<WINDOW>
    /// What leaves the alternate screen and shows the cursor, as terminfo says; for fatal signals, when ncurses cannot be
    /// called.
    let restoreSequence: String
    private let handle: OpaquePointer
    private let output: UnsafeMutablePointer<FILE>
    private let input: UnsafeMutablePointer<FILE>

    /// Never `initscr`: it ends the process when it does not know the terminal.
    static func start(names: [String]) throws(ScreenError) -> TerminalHandle {
        guard let output = fleet_stream(STDOUT_FILENO, "w"), let input = fleet_stream(STDIN_FILENO, "r") else {
            throw .refused("fdopen", errno: errno)
        }
        makeBlocking(fileno(output))
        for name in names {
            guard let handle = newterm(name, output, input) else { continue }
            guard let window = newwin(0, 0, 0, 0) else { break }
            raw()
            noecho()
            nonl()
            // Keys are read by our own decoder; looking for typeahead would make ncurses skip frames.
            typeahead(-1)
            leaveok(window, false)
            scrollok(window, false)
            idlok(window, true)
            curs_set(0)
            return TerminalHandle(
                window: window,
                restoreSequence: restoreSequence(),
                handle: handle,
                output: output,
                input: input
            )
        }
        fclose(output)
        fclose(input)
        throw .unknownTerminal(names)
    }

    /// Another program may have left the terminal non-blocking; ncurses would spin on it.
    private static func makeBlocking(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        if flags >= 0, flags & O_NONBLOCK != 0 { _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) }
    }

    private static func restoreSequence() -> String {
        let names = ["sgr0", "cnorm", "rmcup"]
        return names.compactMap { (name: String) -> String? in
            fleet_terminfo_string(name).map { TerminalModes.withoutPadding(String(cString: $0)) }
        }.joined()
    }

    /// Asks the terminal for its size and lays ncurses out for it.
    func fitToWindow() -> Size {
        var columns: Int32 = 0
        var rows: Int32 = 0
        if !fleet_window_size(fileno(output), &columns, &rows) { (columns, rows) = (80, 24) }
        let size = Size(columns: Int(columns), rows: Int(rows))
        resizeterm(Int32(size.rows), Int32(size.columns))
        wresize(window, Int32(size.rows), Int32(size.columns))
        return size
    }

    /// Writes at once, after what ncurses has sent. Gives up when the terminal is gone.
    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(fileno(output), $0.baseAddress, $0.count) }
            if count > 0 {
                rest.removeFirst(count)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: fileno(output), events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }

    var isWritable: Bool {
        var ready = pollfd(fd: fileno(output), events: Int16(POLLOUT), revents: 0)
        return poll(&ready, 1, 0) == 1 && ready.revents & Int16(POLLOUT) != 0
    }

    func end() {
        delwin(window)
        delscreen(handle)
        fclose(output)
        fclose(input)
    }
}

/// The character set of the process.
enum Locale {
    /// Follows the environment, or a UTF-8 locale that is always there when the environment names one that is not
    /// installed. Only the character set changes: numbers and messages stay as they are. Returns whether it is UTF-8.
    static func use(utf8: Bool) -> Bool {
        _ = fleet_set_ctype("")
        guard utf8 else { return false }
        for name in ["C.UTF-8", "C.utf8", "en_US.UTF-8"] where !fleet_locale_is_utf8() {
            _ = fleet_set_ctype(name)
        }
        return fleet_locale_is_utf8()
    }
}
