extension Grid {
    /// Every row between bars, so that trailing blanks survive editors: for golden files.
    package var transcript: String {
        (0..<rows).map { "|" + text(ofRow: $0) + "|" }.joined(separator: "\n")
    }

    /// The rows without trailing blanks.
    package var plainText: String {
        (0..<rows).map { row in
            let text = text(ofRow: row)
            guard let last = text.lastIndex(where: { $0 != " " }) else { return "" }
            return String(text[...last])
        }.joined(separator: "\n")
    }

    package func text(ofRow row: Int) -> String {
        var text = ""
        for cell in self.row(row) where !cell.isContinuation {
            text.unicodeScalars.append(cell.base)
            if cell.hasMarks { text.unicodeScalars.append(contentsOf: cell.marks) }
        }
        return text
    }

    /// One letter per cell between bars: the role, or `.` for plain text. An explicit colour shows as `%`.
    ///
    /// Lines of attributes follow where there are any: `3 b 5-8 u 10` says that in row 3 the cells 5 to 8 are bold and
    /// cell 10 is underlined.
    package var styleMap: String {
        let map = (0..<rows).map { row in
            "|" + self.row(row).map { $0.style.foreground == nil ? $0.style.role.letter : "%" }.joined() + "|"
        }
        let attributes = (0..<rows).compactMap { row in attributeLine(row).map { "\(row)\($0)" } }
        return (map + attributes).joined(separator: "\n")
    }

    private func attributeLine(_ row: Int) -> String? {
        let kinds: [(String, (Style) -> Bool)] = [
            ("b", \.isBold), ("u", \.isUnderlined), ("r", \.isReversed), ("d", \.isDim),
        ]
        let line = kinds.map { name, holds in
            runs(row) { holds($0.style) }.map { " \(name) \($0)" }.joined()
        }.joined()
        return line.isEmpty ? nil : line
    }

    private func runs(_ row: Int, where holds: (Cell) -> Bool) -> [String] {
        var runs: [String] = []
        var start: Int?
        for column in 0...columns {
            let inside = column < columns && holds(self[column, row])
            if inside, start == nil { start = column }
            if !inside, let first = start {
                runs.append(first == column - 1 ? "\(first)" : "\(first)-\(column - 1)")
                start = nil
            }
        }
        return runs
    }

    /// The rows with SGR sequences, each row ending with a reset where it began one; trailing unstyled blanks are dropped.
    package func ansi(colour mode: ColourMode, theme: Theme = .standard) -> String {
        (0..<rows).map { ansiRow($0, mode, theme) }.joined(separator: "\n")
    }

    private func ansiRow(_ row: Int, _ mode: ColourMode, _ theme: Theme) -> String {
        let cells = row >= 0 && row < rows ? self.row(row) : []
        let plain = Appearance()
        let looks = cells.map { theme.appearance(of: $0.style, mode: mode) }
        var length = cells.count
        for (cell, look) in zip(cells, looks).reversed() {
            guard cell.base == " ", !cell.hasMarks, !look.reverse, !look.underline, !cell.isContinuation else { break }
            length -= 1
        }
        var text = ""
        var current = plain
        for (cell, look) in zip(cells, looks).prefix(length) where !cell.isContinuation {
            if look != current {
                text += look.sgr
                current = look
            }
            text += cell.text
        }
        return current == plain ? text : text + "\u{1B}[0m"
    }
}

extension Appearance {
    /// The SGR sequence that sets exactly this look.
    package var sgr: String {
        var codes = ["0"]
        if bold { codes.append("1") }
        if dim { codes.append("2") }
        if underline { codes.append("4") }
        if reverse { codes.append("7") }
        switch foreground {
        case nil: break
        case .some(let colour) where colour < 8: codes.append("\(30 + Int(colour))")
        case .some(let colour) where colour < 16: codes.append("\(82 + Int(colour))")
        case .some(let colour): codes.append("38;5;\(colour)")
        }
        return "\u{1B}[\(codes.joined(separator: ";"))m"
    }
}

extension Role {
    /// The role in a style map: `.` plain, capital letters for chrome, `0`–`9`, `a`, `b` for sources.
    package var letter: String {
        switch self {
        case .plain: "."
        case .dim: "d"
        case .ok: "o"
        case .warn: "w"
        case .fail: "f"
        case .busy: "y"
        case .idle: "i"
        case .accent: "A"
        case .title: "T"
        case .selection: "S"
        case .match: "M"
        case .header: "H"
        case .key: "K"
        case .border: "B"
        case .focus: "F"
        default: String(rawValue - Role.source0.rawValue, radix: 16)
        }
    }
}
