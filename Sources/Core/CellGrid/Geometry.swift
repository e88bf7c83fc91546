/// Columns and rows of a screen or a pane; never negative.
package struct Size: Hashable, Sendable {
    package let columns: Int
    package let rows: Int

    /// Negative numbers become zero; both are capped at 10 000 so that a hostile window size cannot exhaust memory.
    package init(columns: Int, rows: Int) {
        self.columns = min(max(0, columns), Self.limit)
        self.rows = min(max(0, rows), Self.limit)
    }

    package static let zero = Size(columns: 0, rows: 0)
    private static let limit = 10_000

    package var isEmpty: Bool { columns == 0 || rows == 0 }

    /// The whole area, starting at column 0, row 0.
    package var bounds: Rect { Rect(column: 0, row: 0, columns: columns, rows: rows) }
}

/// A cell position; column and row count from zero at the top left.
package struct Point: Hashable, Sendable {
    package var column: Int
    package var row: Int

    package init(column: Int, row: Int) {
        self.column = column
        self.row = row
    }
}

/// A rectangle of cells. Its extent is never negative, so an empty one is harmless to draw into.
package struct Rect: Hashable, Sendable {
    package let column: Int
    package let row: Int
    package let columns: Int
    package let rows: Int

    package init(column: Int, row: Int, columns: Int, rows: Int) {
        self.column = column
        self.row = row
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    package init(origin: Point, size: Size) {
        self.init(column: origin.column, row: origin.row, columns: size.columns, rows: size.rows)
    }

    package var size: Size { Size(columns: columns, rows: rows) }
    package var origin: Point { Point(column: column, row: row) }
    package var isEmpty: Bool { columns == 0 || rows == 0 }
    /// The first column to the right of the rectangle.
    package var endColumn: Int { column + columns }
    /// The first row below the rectangle.
    package var endRow: Int { row + rows }

    package func contains(_ point: Point) -> Bool {
        point.column >= column && point.column < endColumn && point.row >= row && point.row < endRow
    }
}

extension Rect {
    /// The rectangle without `amount` cells on each side; collapses to an empty one.
    package func inset(by amount: Int) -> Rect { inset(columns: amount, rows: amount) }

    package func inset(columns sideways: Int, rows upright: Int) -> Rect {
        Rect(
            column: column + sideways,
            row: row + upright,
            columns: columns - 2 * sideways,
            rows: rows - 2 * upright
        )
    }

    package func intersection(_ other: Rect) -> Rect {
        let left = max(column, other.column)
        let top = max(row, other.row)
        return Rect(
            column: left,
            row: top,
            columns: min(endColumn, other.endColumn) - left,
            rows: min(endRow, other.endRow) - top
        )
    }

    /// This rectangle's size, cut to fit and centred in `outer`.
    package func centred(in outer: Rect) -> Rect { size.centred(in: outer) }

    /// Cuts `columns` cells off the left; what is cut never exceeds what there is.
    package func split(left width: Int) -> (left: Rect, rest: Rect) {
        let taken = min(max(0, width), columns)
        return (
            Rect(column: column, row: row, columns: taken, rows: rows),
            Rect(column: column + taken, row: row, columns: columns - taken, rows: rows)
        )
    }

    package func split(right width: Int) -> (rest: Rect, right: Rect) {
        let (rest, right) = split(left: columns - min(max(0, width), columns))
        return (rest, right)
    }

    package func split(top height: Int) -> (top: Rect, rest: Rect) {
        let taken = min(max(0, height), rows)
        return (
            Rect(column: column, row: row, columns: columns, rows: taken),
            Rect(column: column, row: row + taken, columns: columns, rows: rows - taken)
        )
    }

    package func split(bottom height: Int) -> (rest: Rect, bottom: Rect) {
        let (rest, bottom) = split(top: rows - min(max(0, height), rows))
        return (rest, bottom)
    }

    /// `count` parts side by side, `gap` columns between them; left-over columns go to the first parts.
    package func splitColumns(_ count: Int, gap: Int = 0) -> [Rect] {
        Self.shares(of: columns, count: count, gap: gap).map {
            Rect(column: column + $0.offset, row: row, columns: $0.length, rows: rows)
        }
    }

    /// `count` parts below each other, `gap` rows between them; left-over rows go to the first parts.
    package func splitRows(_ count: Int, gap: Int = 0) -> [Rect] {
        Self.shares(of: rows, count: count, gap: gap).map {
            Rect(column: column, row: row + $0.offset, columns: columns, rows: $0.length)
        }
    }

    private static func shares(of length: Int, count: Int, gap: Int) -> [(offset: Int, length: Int)] {
        guard count > 0 else { return [] }
        let usable = max(0, length - gap * (count - 1))
        var offset = 0
        return (0..<count).map { index in
            let share = usable / count + (index < usable % count ? 1 : 0)
            defer { offset += share + gap }
            return (min(offset, length), share)
        }
    }
}

extension Size {
    /// A rectangle of this size, cut to fit and centred in `outer`.
    package func centred(in outer: Rect) -> Rect {
        let width = min(columns, outer.columns)
        let height = min(rows, outer.rows)
        return Rect(
            column: outer.column + (outer.columns - width) / 2,
            row: outer.row + (outer.rows - height) / 2,
            columns: width,
            rows: height
        )
    }
}
