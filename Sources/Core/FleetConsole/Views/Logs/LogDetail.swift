import CellGrid
import FleetModel

/// Everything about one line: when, who, fields, trace, and the line as it came.
enum LogDetail {
    static func draw(
        _ record: LogRecord,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect,
        isBeside: Bool
    ) {
        var area = rect
        if isBeside {
            canvas.grid.verticalRule(column: rect.column, row: rect.row, rows: rect.rows, glyphs: canvas.glyphs)
            area = Rect(column: rect.column + 2, row: rect.row, columns: rect.columns - 2, rows: rect.rows)
            canvas.put("Line", area.column, area.row, width: area.columns, style: .title.bold())
        } else {
            canvas.rule(rect.row, width: rect.columns, title: "line")
            area = rect.inset(columns: 1, rows: 0)
        }
        canvas.put(lines(record, state, width: area.columns), in: area.split(top: 1).rest)
    }

    private static func lines(_ record: LogRecord, _ state: ConsoleState, width: Int) -> [StyledLine] {
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        func labelled(_ label: String, _ text: String, _ style: Style = .plain) -> StyledLine {
            StyledLine([(state.glyphs.fit(label, to: 9), .dim), (text, style)])
        }
        var lines = [
            labelled("time", clock.milliseconds(record.time)),
            labelled("service", "\(record.service)", .source(of: record.service.rawValue, state)),
            labelled("stream", "\(record.stream.rawValue)  life \(record.incarnation.ordinal)"),
        ]
        if record.severity != .unspecified {
            lines.append(labelled("level", LogFilterText.word(for: record.severity), record.severity.style))
        }
        if let trace = record.traceID { lines.append(labelled("trace", trace, .accent)) }
        if let span = record.spanID { lines.append(labelled("span", span)) }
        lines.append(StyledLine())
        lines += TextWidth.wrapped(record.message, to: width).map { StyledLine($0) }
        if !record.fields.isEmpty {
            lines += [StyledLine(), StyledLine("fields", .title)]
            for field in record.fields { lines += self.field(field, width: width) }
        }
        if !record.raw.isEmpty, record.raw != record.message {
            lines += [StyledLine(), StyledLine("as it came", .title)]
            lines += TextWidth.wrapped(visible(record.raw), to: width).prefix(60).map { StyledLine($0, .dim) }
        }
        return lines
    }

    private static func field(_ field: LogField, width: Int) -> [StyledLine] {
        let name = "  \(field.name)  "
        let room = width - TextWidth.of(name)
        guard room < 12 || TextWidth.of(field.value) > room else {
            return [StyledLine([(name, .dim), (field.value, .plain)])]
        }
        return [StyledLine(name, .dim)]
            + TextWidth.wrapped(field.value, to: max(1, width - 4)).prefix(30).map { StyledLine("    " + $0) }
    }

    /// Escape bytes as `^[`, so that they can be seen.
    private static func visible(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                shown += "^"
                shown.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value ^ 0x40)))
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
