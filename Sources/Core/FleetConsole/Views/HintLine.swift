import CellGrid

/// The keys that matter in the pane, as many as fit; always the way to all the others.
enum HintLine {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard !rect.isEmpty else { return }
        if case .stoppingFleet = state.departure {
            put(
                [("x", "kill what is left"), ("d", "leave now"), ("Esc", "stay")],
                into: &canvas,
                in: rect,
                until: rect.columns
            )
            return
        }
        let tail = tail(columns: rect.columns)
        let end = rect.columns - tail.width - 1
        put(pairs(state), into: &canvas, in: rect, until: end - 1)
        canvas.put(tail, end, rect.row, width: tail.width)
    }

    /// Keys and words, in the order of the table; keys of one word are joined.
    static func pairs(_ state: ConsoleState) -> [(key: String, label: String)] {
        var pairs: [(key: String, label: String)] = []
        for command in CommandTable.standard.reachable(on: state.pane) {
            guard let hint = command.hint else { continue }
            if let last = pairs.last, last.label == hint {
                pairs[pairs.count - 1].key = last.key + " " + command.mainKey
            } else {
                pairs.append((command.mainKey, hint))
            }
        }
        return pairs
    }

    private static func put(
        _ pairs: [(key: String, label: String)],
        into canvas: inout Canvas,
        in rect: Rect,
        until end: Int
    ) {
        var column = 1
        for pair in pairs {
            let width = TextWidth.of(pair.key) + 1 + TextWidth.of(pair.label)
            guard column + width <= end else { return }
            canvas.put(StyledLine([(pair.key, .key), (" \(pair.label)", .dim)]), column, rect.row, width: width)
            column += width + 2
        }
    }

    private static func tail(columns: Int) -> StyledLine {
        switch columns {
        case ..<60: StyledLine([(":", .key), (" ", .dim), ("?", .key)])
        case ..<100: StyledLine([(":", .key), (" cmd ", .dim), ("?", .key), (" help", .dim)])
        default: StyledLine([(":", .key), (" command  ", .dim), ("?", .key), (" help", .dim)])
        }
    }
}
