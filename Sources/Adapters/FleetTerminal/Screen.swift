import CNcurses
package import CellGrid
import Glibc

/// Why a full screen cannot be had.
package enum ScreenError: Error, Hashable, Sendable, CustomStringConvertible {
    case notATerminal
    /// None of these names is in the terminfo data base.
    case unknownTerminal([String])
    /// The terminal refused a call; the number is `errno`.
    case refused(String, errno: Int32)

    package var description: String {
        switch self {
        case .notATerminal: "Input or output is not a terminal."
        case .unknownTerminal(let names): "No terminal description found for \(names.joined(separator: ", "))."
        case .refused(let call, let number): "The terminal refused \(call): \(String(cString: strerror(number)))."
        }
    }
}

/// The terminal as the console uses it: frames out, keys in, everything put back at the end.
///
/// Belongs to the thread that opened it: ncurses is not safe to call from two, and the class is deliberately not Sendable.
/// One screen at a time per process, because the terminal and the signal handlers are the process's.
package final class Screen {
    package let profile: TerminalProfile
    /// Columns and rows now; changes only inside `readKeys`, which then reports `Key.resize`.
    package private(set) var size: Size
    /// What can be drawn: the profile's wish, cut to what the locale and terminfo can do.
    package let glyphs: GlyphSet
    /// Brackets frames with mode 2026, for terminals that otherwise show half-drawn ones.
    package var usesSynchronisedOutput = false

    let terminal: TerminalHandle
    let signals: TerminalSignals
    var input: KeyInput
    var modes: TerminalModes
    private var painter: FramePainter
    private var cursor: Cursor?
    private(set) var state = State.active
    /// What `takeEndingSignals` will report.
    var endings: [EndingSignal] = []
    /// The terminal was given back and taken again; the next `readKeys` says so with `Key.resize`.
    var wasRetaken = false

    enum State { case active, paused, closed }

    private struct Cursor: Equatable {
        var position: Point
        var isVisible: Bool
    }

    /// Takes the terminal: alternate screen, raw keys, bracketed paste, hidden cursor.
    package static func open(profile: TerminalProfile, theme: Theme = .standard) throws(ScreenError) -> Screen {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .notATerminal }
        let isUTF8 = Locale.use(utf8: profile.isUTF8)
        // Our handlers first: ncurses installs its own only over default actions, and its SIGTERM handler exits with 1.
        guard let signals = TerminalSignals(terminal: STDIN_FILENO) else {
            throw .refused("tcgetattr", errno: errno)
        }
        let terminal = try TerminalHandle.start(names: profile.terminalNames)
        signals.install()
        return Screen(profile, terminal, signals, theme, isUTF8: isUTF8)
    }

    private init(
        _ profile: TerminalProfile,
        _ terminal: TerminalHandle,
        _ signals: consuming TerminalSignals,
        _ theme: Theme,
        isUTF8: Bool
    ) {
        self.profile = profile
        self.terminal = terminal
        self.signals = signals
        glyphs = isUTF8 ? profile.glyphs : .ascii
        modes = TerminalModes(understandsXterm: profile.understandsXterm)
        input = KeyInput(descriptor: STDIN_FILENO, escapeTimeout: profile.escapeTimeout)
        painter = FramePainter(window: terminal.window, wanted: profile.colours, theme: theme, isUTF8: isUTF8)
        size = terminal.fitToWindow()
        armRestore()
        terminal.write(modes.on)
    }

    deinit { close() }

    package var colours: ColourMode { painter.colours }

    package var theme: Theme {
        get { painter.theme }
        set {
            guard newValue != painter.theme else { return }
            painter.theme = newValue
            painter.invalidate()
        }
    }

    // MARK: Frames

    /// Shows a grid. Only what differs from the frame before is sent; when nothing does, nothing is written and the result
    /// is false. The cursor is where a screen reader looks, so it is placed even while it is hidden.
    @discardableResult
    package func draw(_ grid: Grid, cursor position: Point? = nil, cursorVisible: Bool = false) -> Bool {
        guard state == .active, !size.isEmpty else { return false }
        let changed = painter.paint(grid.size == size ? grid : resized(grid))
        let wanted = cursor(at: position, visible: cursorVisible)
        guard changed || wanted != cursor else { return false }
        if wanted.isVisible != cursor?.isVisible { curs_set(wanted.isVisible ? 1 : 0) }
        wmove(terminal.window, Int32(wanted.position.row), Int32(wanted.position.column))
        cursor = wanted
        let bracketed = usesSynchronisedOutput && modes.understandsXterm
        if bracketed { terminal.write(TerminalModes.synchronisedOn) }
        wnoutrefresh(terminal.window)
        doupdate()
        if bracketed { terminal.write(TerminalModes.synchronisedOff) }
        return true
    }

    /// Whether the terminal takes output now. A frame for one that has stopped reading would block; skip it instead.
    package var isReadyForOutput: Bool { terminal.isWritable }

    /// Draws everything again with the next frame: Ctrl-l, or after something else wrote to the terminal.
    package func redraw() {
        painter.invalidate()
        cursor = nil
    }

    private func resized(_ grid: Grid) -> Grid {
        var fitted = Grid(size: size)
        fitted.blit(grid, at: Point(column: 0, row: 0))
        return fitted
    }

    private func cursor(at position: Point?, visible: Bool) -> Cursor {
        let wanted = position ?? cursor?.position ?? Point(column: 0, row: 0)
        return Cursor(
            position: Point(
                column: min(max(0, wanted.column), size.columns - 1),
                row: min(max(0, wanted.row), size.rows - 1)
            ),
            isVisible: visible && position != nil
        )
    }

    // MARK: Giving the terminal back

    /// Puts everything back as it was, the alternate screen last. Safe to call twice.
    package func close() {
        guard state != .closed else { return }
        pause()
        state = .closed
        signals.resetTerminal()
        terminal.end()
    }

    /// Gives the terminal to somebody else in this process until `resume`: an editor, a plain stream, a service's pty.
    package func pause() {
        guard state == .active else { return }
        state = .paused
        signals.disarmRestore()
        terminal.write(modes.off)
        endwin()
    }

    package func resume() {
        guard state == .paused else { return }
        state = .active
        wasRetaken = true
        reset_prog_mode()
        size = terminal.fitToWindow()
        redraw()
        armRestore()
        // The first refresh after endwin enters the alternate screen again.
        doupdate()
        terminal.write(modes.on)
    }

    /// Stops the process as Ctrl-z does in a shell; returns when it is continued, with the screen taken again.
    package func suspend() {
        guard state == .active else { return }
        pause()
        signals.stopProcessGroup()
        resume()
        // The continuation is dealt with; left in the pipe it would take the screen a second time.
        noteEndings(signals.drain())
    }

    func noteEndings(_ numbers: Set<Int32>) {
        endings += numbers.sorted().compactMap(EndingSignal.init(rawValue:))
    }

    /// Runs `body` with the terminal in its ordinary state.
    package func withTerminalReleased<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pause()
        defer { resume() }
        return try body()
    }

    /// Takes the new window size; true when it differs.
    func adoptWindowSize() -> Bool {
        let before = size
        size = terminal.fitToWindow()
        guard size != before else { return false }
        redraw()
        return true
    }

    func armRestore() { signals.armRestore(Array((modes.off + terminal.restoreSequence).utf8)) }
}
