package import CellGrid
import Glibc

extension Screen {
    /// What `wait` found.
    package struct Readiness: Hashable, Sendable {
        /// Keys or signals: call `readKeys` and `takeEndingSignals`.
        package var input = false
        /// Which of the caller's descriptors are readable or closed.
        package var descriptors: Set<Int32> = []
    }

    /// Readable when there is input; for a poll of the caller's own.
    package var inputDescriptor: Int32 { STDIN_FILENO }
    /// Readable when a signal has arrived.
    package var wakeDescriptor: Int32 { signals.descriptor }
    /// The terminal went away: end of file on input.
    package var hasEnded: Bool { input.hasEnded }

    /// Waits for keys, signals, the caller's descriptors or the time-out; a negative time-out waits for ever.
    /// Returns early when a lone Esc has waited long enough to be a key.
    package func wait(timeoutMilliseconds: Int, extraDescriptors: [Int32] = []) -> Readiness {
        var entries = [inputDescriptor, wakeDescriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // A terminal that is gone is readable for ever.
        if hasEnded { entries[0].fd = -1 }
        entries += extraDescriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var timeout = Int32(clamping: timeoutMilliseconds < 0 ? -1 : timeoutMilliseconds)
        if wasRetaken { timeout = 0 }
        let pending = input.remaining.map { Int32(clamping: max(0, $0.wholeMillisecondsRoundedUp)) }
        if let pending { timeout = timeout < 0 ? pending : min(timeout, pending) }
        let count = poll(&entries, nfds_t(entries.count), timeout)
        var readiness = Readiness()
        if count <= 0 {
            readiness.input = pending == timeout || count < 0 || wasRetaken
            return readiness
        }
        readiness.input = entries[0].revents != 0 || entries[1].revents != 0 || pending == 0 || wasRetaken
        for entry in entries.dropFirst(2) where entry.revents != 0 { readiness.descriptors.insert(entry.fd) }
        return readiness
    }

    /// Keys that have arrived, without waiting. Window changes and continuation after a stop are dealt with on the way;
    /// several changes of the size in one call make one `Key.resize`, the last element.
    package func readKeys() -> [Key] {
        guard state == .active else { return [] }
        let numbers = signals.drain()
        noteEndings(numbers)
        if numbers.contains(SIGTSTP) {
            suspend()
        } else if numbers.contains(SIGCONT) {
            // Stopped and continued behind our back: the shell has changed the terminal's modes.
            pause()
            resume()
        }
        var keys = input.read()
        if input.hasEnded, !endings.contains(.hangup) { endings.append(.hangup) }
        let hasNewSize = numbers.contains(SIGWINCH) && adoptWindowSize()
        if hasNewSize || wasRetaken { keys.append(.resize) }
        wasRetaken = false
        return keys
    }

    /// Requests to end that arrived since the last call: a signal, or a terminal that went away.
    package func takeEndingSignals() -> [EndingSignal] {
        defer { endings.removeAll() }
        return endings
    }

    /// Mouse reports on or off. Off writes nothing when they were not on.
    package func setMouse(_ on: Bool) {
        guard modes.understandsXterm, on != modes.mouse else { return }
        modes.mouse = on
        guard state == .active else { return }
        terminal.write(on ? TerminalModes.mouseOn : TerminalModes.mouseOff)
        armRestore()
    }

    package var isMouseOn: Bool { modes.mouse }

    package func bell() { terminal.write("\u{07}") }

    /// The title of the terminal's window; the one before comes back at the end.
    package func setTitle(_ title: String) {
        guard modes.understandsXterm, state == .active else { return }
        if !modes.ownsTitle {
            modes.ownsTitle = true
            terminal.write(TerminalModes.titlePush)
            armRestore()
        }
        terminal.write("\u{1B}]2;\(TerminalModes.stringSafe(title))\u{1B}\\")
    }

    /// A desktop notification, by the sequences of iTerm2 (9) and rxvt (777); terminals without either ignore them.
    package func notify(title: String, body: String) {
        guard modes.understandsXterm, state == .active else { return }
        let safeTitle = TerminalModes.stringSafe(title).split(separator: ";").joined(separator: ",")
        let safeBody = TerminalModes.stringSafe(body)
        terminal.write("\u{1B}]9;\(safeTitle): \(safeBody)\u{1B}\\\u{1B}]777;notify;\(safeTitle);\(safeBody)\u{1B}\\")
    }
}

extension Duration {
    fileprivate var wholeMillisecondsRoundedUp: Int64 {
        let (seconds, attoseconds) = components
        guard seconds < 86_400 else { return 86_400_000 }
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
