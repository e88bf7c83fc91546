import FleetModel

// MARK: Marks and selected lines of the log

extension ConsoleState {
    /// The ids between the start of the selection and the cursor.
    var pickedLines: ClosedRange<Int>? {
        guard let start = panes.logs.picked.start, let cursor = logWindow.selectedRecord?.id else { return nil }
        return min(start, cursor)...max(start, cursor)
    }

    /// The selected lines, or the one under the cursor, as they came but without escape sequences: whoever pastes them
    /// into a terminal must not run them.
    var pickedText: String {
        let view = logWindow
        guard let range = pickedLines else { return view.selectedRecord.map(Self.plain) ?? "" }
        return view.window.records.filter { range.contains($0.id) }.map(Self.plain).joined(separator: "\n")
    }

    private static func plain(_ record: LogRecord) -> String {
        CleanText.line(record.raw.isEmpty ? record.message : record.raw, limit: 1 << 20)
    }

    mutating func runPicked(_ action: Action) {
        switch action {
        case .visualSelect:
            guard panes.logs.picked.start == nil else {
                panes.logs.picked.start = nil
                return
            }
            guard let record = cursorLine() else { return }
            // Lines that arrive must not move the end of the selection.
            if panes.logs.isFollowing { pauseLogs() }
            panes.logs.picked.start = record.id
        case .markLine:
            guard let record = cursorLine() else { return }
            if panes.logs.picked.marks.remove(record.id) == nil {
                if panes.logs.picked.marks.count >= LogsPaneState.Picked.limit,
                    let oldest = panes.logs.picked.marks.min()
                {
                    panes.logs.picked.marks.remove(oldest)
                }
                panes.logs.picked.marks.insert(record.id)
            }
        case .nextMark: goToMark(forward: true)
        case .previousMark: goToMark(forward: false)
        default: break
        }
    }

    private mutating func goToMark(forward: Bool) {
        guard let record = cursorLine() else { return }
        let marks = panes.logs.picked.marks
        let found = forward ? marks.filter { $0 > record.id }.min() : marks.filter { $0 < record.id }.max()
        guard let found else {
            message = Message(.note, "no \(forward ? "later" : "earlier") mark; m marks a line")
            return
        }
        goToLine(found)
    }

    /// A selection reaches no further than what is loaded around the cursor, or copying would leave lines out unseen.
    mutating func settlePicked() {
        guard let start = panes.logs.picked.start, let first = panes.logs.window.records.first,
            let last = panes.logs.window.records.last
        else { return }
        panes.logs.picked.start = min(max(start, first.id), last.id)
    }
}
