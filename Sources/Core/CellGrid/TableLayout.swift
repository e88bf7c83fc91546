/// Distributes a width over table columns: unimportant columns leave first, important ones grow first.
package struct TableLayout: Hashable, Sendable {
    package struct Column: Hashable, Sendable {
        package var title: String
        package var alignment: Alignment
        /// Below this width the column leaves.
        package var minimum: Int
        /// The width it takes when there is room.
        package var ideal: Int
        /// Higher stays longer.
        package var priority: Int
        /// Takes a share of what is left when every column has its ideal width.
        package var isFlexible: Bool

        package init(
            _ title: String,
            alignment: Alignment = .left,
            minimum: Int,
            ideal: Int? = nil,
            priority: Int = 0,
            isFlexible: Bool = false
        ) {
            self.title = title
            self.alignment = alignment
            self.minimum = max(0, minimum)
            self.ideal = max(self.minimum, ideal ?? minimum)
            self.priority = priority
            self.isFlexible = isFlexible
        }
    }

    /// Where one column ended up; `index` counts in `columns`.
    package struct Placement: Hashable, Sendable {
        package let index: Int
        package let column: Int
        package let width: Int
    }

    package var columns: [Column]
    /// Blanks between columns.
    package var spacing: Int

    package init(columns: [Column], spacing: Int = 1) {
        self.columns = columns
        self.spacing = max(0, spacing)
    }

    /// The columns that fit into `width`, in order, starting at `start`.
    package func placements(width: Int, startingAt start: Int = 0) -> [Placement] {
        var kept = Array(columns.indices)
        while !kept.isEmpty, needed(kept) > width {
            // Of equal priorities the rightmost leaves first.
            guard let victim = kept.reversed().min(by: { columns[$0].priority < columns[$1].priority }) else { break }
            kept.removeAll { $0 == victim }
        }
        var widths = Dictionary(uniqueKeysWithValues: kept.map { ($0, columns[$0].minimum) })
        var spare = width - needed(kept)
        for index in kept.sorted(by: { (columns[$0].priority, -$0) > (columns[$1].priority, -$1) }) {
            let growth = min(spare, columns[index].ideal - columns[index].minimum)
            widths[index, default: 0] += growth
            spare -= growth
        }
        let flexible = kept.filter { columns[$0].isFlexible }
        for (position, index) in flexible.enumerated() {
            widths[index, default: 0] += spare / flexible.count + (position < spare % flexible.count ? 1 : 0)
        }
        var column = start
        return kept.map { index in
            defer { column += (widths[index] ?? 0) + spacing }
            return Placement(index: index, column: column, width: widths[index] ?? 0)
        }
    }

    private func needed(_ kept: [Int]) -> Int {
        kept.reduce(0) { $0 + columns[$1].minimum } + spacing * max(0, kept.count - 1)
    }
}

extension Grid {
    /// Writes the titles of a table's columns.
    package mutating func writeTitles(
        of layout: TableLayout,
        _ placements: [TableLayout.Placement],
        row: Int,
        style: Style = .header,
        glyphs: GlyphSet
    ) {
        for placement in placements {
            let column = layout.columns[placement.index]
            write(
                column.title,
                column: placement.column,
                row: row,
                width: placement.width,
                alignment: column.alignment,
                style: style,
                ellipsis: glyphs.ellipsis
            )
        }
    }

    /// Writes one field of a table row, aligned as its column says and cut with an ellipsis.
    package mutating func write(
        field text: String,
        of layout: TableLayout,
        at placement: TableLayout.Placement,
        row: Int,
        style: Style = .plain,
        glyphs: GlyphSet
    ) {
        write(
            text,
            column: placement.column,
            row: row,
            width: placement.width,
            alignment: layout.columns[placement.index].alignment,
            style: style,
            ellipsis: glyphs.ellipsis
        )
    }
}
