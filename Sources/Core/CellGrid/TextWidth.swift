/// Columns that text occupies, by our own Unicode 16 table.
///
/// The C library's `wcwidth` lags (U+1FAE8 is -1 in glibc 2.36) and terminals disagree about joined emoji, so every scalar
/// is measured alone: combining marks take no column, East Asian wide and emoji scalars two, joiners and variation selectors
/// are stripped, and whatever is unassigned or a control becomes U+FFFD in one column.
package enum TextWidth {
    /// What happens to one scalar on the screen.
    package enum ScalarWidth: Equatable, Sendable {
        case columns(Int)
        /// Joins the cell before it.
        case combining
        /// Leaves no trace: joiners, variation selectors, bidirectional controls, soft hyphen.
        case stripped
        /// Shown as U+FFFD in one column.
        case unprintable
    }

    package static func of(_ scalar: Unicode.Scalar) -> ScalarWidth {
        let value = scalar.value
        if value < 0x7F { return value >= 0x20 ? .columns(1) : .unprintable }
        // Accented Latin, box drawing and blocks, braille: what the console draws most after ASCII.
        if (0xC0..<0x300).contains(value) || (0x2500..<0x25FD).contains(value) || (0x2800..<0x2900).contains(value) {
            return .columns(1)
        }
        switch WidthTable.ranges[rangeIndex(of: value)] & 7 {
        case 0: return .columns(1)
        case 1: return .columns(2)
        case 2: return .combining
        case 3: return .stripped
        default: return .unprintable
        }
    }

    private static func rangeIndex(of value: UInt32) -> Int {
        let key = value << 3 | 7
        var low = 0
        var high = WidthTable.ranges.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if WidthTable.ranges[middle] <= key { low = middle } else { high = middle }
        }
        return low
    }

    /// The columns that `Grid.write` would cover with this text.
    package static func of(_ text: some StringProtocol) -> Int {
        let ascii: Int?? = text.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.allSatisfy { $0 < 0x80 } ? bytes.count : nil
        }
        if let ascii, let count = ascii { return count }
        var total = 0
        for scalar in text.unicodeScalars { total += columns(of: scalar) }
        return total
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        switch of(scalar) {
        case .columns(let columns): columns
        case .combining, .stripped: 0
        case .unprintable: 1
        }
    }

    /// The text, or its longest beginning that fits `width` columns together with the ellipsis.
    package static func truncated(_ text: some StringProtocol, to width: Int, ellipsis: String = "…") -> String {
        guard width > 0 else { return "" }
        guard of(text) > width else { return String(text) }
        let mark = of(ellipsis) <= width ? ellipsis : ""
        return prefix(text, columns: width - of(mark)) + mark
    }

    /// The text, or an ellipsis and its longest end that fits: for paths, where the end tells more.
    package static func truncatedFront(_ text: some StringProtocol, to width: Int, ellipsis: String = "…") -> String {
        guard width > 0 else { return "" }
        let total = of(text)
        guard total > width else { return String(text) }
        let mark = of(ellipsis) <= width ? ellipsis : ""
        return mark + dropping(text, columns: total - (width - of(mark)))
    }

    /// The longest beginning that fits `columns`.
    package static func prefix(_ text: some StringProtocol, columns limit: Int) -> String {
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += columns(of: scalar)
            if used > limit { break }
            kept.append(scalar)
        }
        return String(kept)
    }

    /// What is left after at least `count` columns; a wide character cut in half leaves a blank.
    package static func dropping(_ text: some StringProtocol, columns count: Int) -> String {
        guard count > 0 else { return String(text) }
        var used = 0
        var rest = Substring.UnicodeScalarView(text.unicodeScalars)
        while let scalar = rest.first, used < count || columns(of: scalar) == 0 {
            used += columns(of: scalar)
            rest.removeFirst()
        }
        return (used > count ? " " : "") + String(rest)
    }

    /// Exactly `width` columns: padded with blanks, or truncated.
    package static func padded(
        _ text: some StringProtocol,
        to width: Int,
        alignment: Alignment = .left,
        ellipsis: String = "…"
    ) -> String {
        let fitted = truncated(text, to: width, ellipsis: ellipsis)
        let missing = max(0, width - of(fitted))
        let before =
            switch alignment {
            case .left: 0
            case .right: missing
            case .centre: missing / 2
            }
        return String(repeating: " ", count: before) + fitted + String(repeating: " ", count: missing - before)
    }

    /// Lines of at most `width` columns, broken at blanks where possible; line feeds in the text break too.
    package static func wrapped(_ text: some StringProtocol, to width: Int) -> [String] {
        guard width > 0 else { return [] }
        return text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
            wrappedLine(String($0), to: width)
        }
    }

    private static func wrappedLine(_ line: String, to width: Int) -> [String] {
        var lines: [String] = []
        var current: String?
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            var candidate = current.map { $0 + " " + word } ?? String(word)
            if let full = current, of(candidate) > width {
                lines.append(full)
                candidate = String(word)
            }
            while of(candidate) > width {
                let piece = prefix(candidate, columns: width)
                guard !piece.isEmpty else { break }
                lines.append(piece)
                candidate = String(candidate.unicodeScalars.dropFirst(piece.unicodeScalars.count))
            }
            current = candidate
        }
        return lines + [current ?? ""]
    }
}

package enum Alignment: Hashable, Sendable {
    case left, right, centre
}
