/// Lines over time in a rectangle of a grid, with a value axis on the left and labels below.
///
/// Values are spread evenly over the width, the newest at the right edge. `nil` and values that are not finite are gaps and
/// stay gaps; nothing is ever drawn as zero that was not measured as zero.
package struct LineChart: Sendable {
    package struct Series: Sendable {
        package var values: [Double?]
        package var style: Style

        package init(values: [Double?], style: Style = .accent) {
            self.values = values
            self.style = style
        }
    }

    /// An event on the time axis: a restart, a deploy, an alert.
    package struct Marker: Sendable {
        /// 0 is the left edge of the time range, 1 the right edge.
        package var position: Double
        package var style: Style

        package init(position: Double, style: Style = .warn) {
            self.position = position
            self.style = style
        }
    }

    /// Later series are drawn over earlier ones.
    package var series: [Series]
    /// `nil` fits round numbers around the values, starting at zero.
    package var range: ClosedRange<Double>?
    /// The text of an axis value, unit included.
    package var format: @Sendable (Double) -> String
    /// Spread evenly below the axis: the first at the left edge, the last at the right. None: no axis line.
    package var timeLabels: [String]
    /// A value to draw across the chart; the fitted range includes it.
    package var threshold: Double?
    package var thresholdStyle = Style.warn
    package var markers: [Marker] = []
    /// 0…1 across the time range.
    package var cursor: Double?
    package var cursorStyle = Style.focus
    /// Steps of ten; what is not positive has no place there and is a gap.
    package var isLogarithmic = false
    /// The narrowest axis, so that charts below each other line up.
    package var minimumLabelWidth = 6

    package init(
        series: [Series],
        range: ClosedRange<Double>? = nil,
        timeLabels: [String] = [],
        threshold: Double? = nil,
        format: @escaping @Sendable (Double) -> String = { LineChart.plainNumber($0) }
    ) {
        self.series = series
        self.range = range
        self.timeLabels = timeLabels
        self.threshold = threshold
        self.format = format
    }

    /// What stands for a series in a legend: where each has a character of its own, that one.
    package static func legendMark(ofSeries index: Int, glyphs: GlyphSet) -> String {
        glyphs == .ascii ? String(Character(Raster.asciiPen(index))) : glyphs.bullet
    }

    /// The cells that `draw` uses for lines, without axis and labels: for hit tests and cursors.
    package func plotArea(in rect: Rect) -> Rect {
        let scale = scale(rows: rect.rows - axisRows)
        return rect.split(left: labelWidth(scale) + 1).rest.split(bottom: axisRows).rest
    }

    package func draw(into grid: inout Grid, in rect: Rect, glyphs: GlyphSet) {
        let scale = scale(rows: rect.rows - axisRows)
        let labels = labelWidth(scale)
        let plot = rect.split(left: labels + 1).rest.split(bottom: axisRows).rest
        guard plot.columns >= 2, plot.rows >= 1 else { return }
        drawThreshold(scale, into: &grid, plot: plot, glyphs: glyphs)
        drawLines(scale, into: &grid, plot: plot, glyphs: glyphs)
        drawCursor(into: &grid, plot: plot, glyphs: glyphs)
        for marker in markers {
            guard let column = column(at: marker.position, in: plot) else { continue }
            grid.write(glyphs.chartMarker, column: column, row: plot.row, style: marker.style)
        }
        drawValueAxis(scale, into: &grid, plot: plot, labelWidth: labels, glyphs: glyphs)
        if axisRows > 0 { drawTimeAxis(into: &grid, plot: plot, glyphs: glyphs) }
    }

    /// Digits without needless fraction: `412`, `0.5`, `1.25`, `0.0075`. Below one, three digits that count are kept, as
    /// round steps have no more; hundredths would make two ticks of a small range read the same.
    package static func plainNumber(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        if value == value.rounded() { return "\(Int(value))" }
        var scale = 100.0
        while abs(value) * scale < 100, scale < 1e12 { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() && rounded != 0 ? "\(Int(rounded))" : "\(rounded == 0 ? value : rounded)"
    }
}

// MARK: Axes

extension LineChart {
    private var axisRows: Int { timeLabels.isEmpty ? 0 : 1 }

    private func scale(rows: Int) -> AxisScale {
        let ticks = min(6, max(2, (rows + 1) / 2))
        if isLogarithmic { return .decades(of: series.lazy.flatMap(\.values).compactMap(\.self), maximumTicks: ticks) }
        if let range { return AxisScale(low: range.lowerBound, high: range.upperBound, maximumTicks: ticks) }
        var low = 0.0
        var high = threshold.map { $0.isFinite ? max(0, $0) : 0 } ?? 0
        for line in series {
            for value in line.values {
                guard let value, value.isFinite else { continue }
                low = min(low, value)
                high = max(high, value)
            }
        }
        return AxisScale(low: low, high: high, maximumTicks: ticks)
    }

    private func labelWidth(_ scale: AxisScale) -> Int {
        let texts = scale.ticks.map { format(isLogarithmic ? PowersOfTen.value(of: Int($0)) : $0) }
        return max(minimumLabelWidth, texts.map { TextWidth.of($0) }.max() ?? 0)
    }

    private func row(of value: Double, _ scale: AxisScale, _ plot: Rect) -> Int {
        plot.endRow - 1 - Int((scale.fraction(of: value) * Double(plot.rows - 1)).rounded())
    }

    private func column(at position: Double, in plot: Rect) -> Int? {
        guard position >= 0, position <= 1 else { return nil }
        return plot.column + Int((position * Double(plot.columns - 1)).rounded())
    }

    private func drawValueAxis(
        _ scale: AxisScale,
        into grid: inout Grid,
        plot: Rect,
        labelWidth: Int,
        glyphs: GlyphSet
    ) {
        let axis = plot.column - 1
        for row in plot.row..<plot.endRow { grid.write(glyphs.axis, column: axis, row: row, style: .dim) }
        var previous = ""
        for tick in scale.ticks {
            let label = format(isLogarithmic ? PowersOfTen.value(of: Int(tick)) : tick)
            // A label that repeats itself would say that the axis stands still.
            guard label != previous else { continue }
            previous = label
            grid.write(
                label,
                column: axis - labelWidth,
                row: row(of: tick, scale, plot),
                width: labelWidth,
                alignment: .right,
                style: .dim,
                ellipsis: glyphs.ellipsis
            )
        }
    }

    private func drawTimeAxis(into grid: inout Grid, plot: Rect, glyphs: GlyphSet) {
        let row = plot.endRow
        let lines = glyphs.lines()
        grid.horizontalRule(row: row, column: plot.column - 1, columns: plot.columns + 1, style: .dim, glyphs: glyphs)
        grid[plot.column - 1, row] = Cell(lines.bottomLeft, style: .dim)
        var free = plot.column
        for (index, label) in timeLabels.enumerated() {
            let width = TextWidth.of(label)
            let share = timeLabels.count > 1 ? Double(index) / Double(timeLabels.count - 1) : 0
            let start = plot.column + Int((share * Double(max(0, plot.columns - width))).rounded())
            guard start >= free, start + width <= plot.endColumn else { continue }
            grid.write(label, column: start, row: row, style: .dim)
            free = start + width + 1
        }
    }

    private func drawThreshold(_ scale: AxisScale, into grid: inout Grid, plot: Rect, glyphs: GlyphSet) {
        guard let threshold = threshold.flatMap(placed), threshold >= scale.low, threshold <= scale.high else { return }
        let row = row(of: threshold, scale, plot)
        for column in plot.column..<plot.endColumn {
            grid.write(glyphs.threshold, column: column, row: row, style: thresholdStyle)
        }
    }

    private func drawCursor(into grid: inout Grid, plot: Rect, glyphs: GlyphSet) {
        guard let cursor, let column = column(at: cursor, in: plot) else { return }
        let line = glyphs.lines().vertical
        for row in plot.row..<plot.endRow {
            if grid[column, row].base == " " {
                grid[column, row] = Cell(line, style: cursorStyle)
            } else {
                grid.restyleCell(column: column, row: row, style: grid[column, row].style.reverse())
            }
        }
    }
}

// MARK: Lines

extension LineChart {
    private func drawLines(_ scale: AxisScale, into grid: inout Grid, plot: Rect, glyphs: GlyphSet) {
        var raster = Raster(columns: plot.columns, rows: plot.rows, glyphs: glyphs)
        for (index, line) in series.enumerated() {
            raster.owner = index
            trace(line.values, scale, into: &raster)
        }
        raster.forEachInked { column, row, scalar, owner in
            grid[plot.column + column, plot.row + row] = Cell(scalar, style: series[owner].style)
        }
    }

    /// Where a value stands on the axis.
    private func placed(_ value: Double) -> Double? {
        guard isLogarithmic else { return value }
        return value > 0 && value.isFinite ? PowersOfTen.logarithm(of: value) : nil
    }

    private func trace(_ values: [Double?], _ scale: AxisScale, into raster: inout Raster) {
        var previous: (x: Int, y: Int)?
        for (index, value) in values.enumerated() {
            guard let value = value.flatMap(placed), value.isFinite else {
                previous = nil
                continue
            }
            // A single value is the newest one and belongs to the right edge.
            let share = values.count > 1 ? Double(index) / Double(values.count - 1) : 1
            let x = Int((share * Double(raster.width - 1)).rounded())
            let y = raster.height - 1 - Int((scale.fraction(of: value) * Double(raster.height - 1)).rounded())
            if let previous { raster.line(from: previous, to: (x, y)) } else { raster.dot(x, y) }
            previous = (x, y)
        }
    }
}
