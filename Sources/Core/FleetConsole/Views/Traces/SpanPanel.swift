import CellGrid
import FleetAPI
import FleetModel

/// What is known about one span.
enum SpanPanel {
    static func draw(
        _ span: SpanRow,
        _ rows: Waterfall,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        canvas.rule(rect.row, column: rect.column, width: rect.columns, title: "span \(span.service) \(span.name)")
        let area = Rect(column: rect.column + 1, row: rect.row + 1, columns: rect.columns - 2, rows: rect.rows - 1)
        canvas.put(lines(span, rows, state, width: area.columns), in: area)
    }

    private static func lines(_ span: SpanRow, _ rows: Waterfall, _ state: ConsoleState, width: Int) -> [StyledLine] {
        let ascii = !state.glyphs.isUnicode
        let offset = span.offset == .zero ? "0" : TimeText.fine(span.offset, ascii: ascii)
        var first = StyledLine(TimeText.fine(span.duration, ascii: ascii), .plain.bold())
        first.add(
            "  self \(TimeText.fine(span.selfTime, ascii: ascii))  at +\(offset)"
        )
        first.add("  \(span.kind.word)", .dim)
        switch span.status {
        case .error: first.add("  ERROR", .fail)
        case .ok: first.add("  ok", .ok)
        case .unset: break
        }
        var lines = [first]
        if span.status == .error, !span.statusMessage.isEmpty {
            lines =
                TextWidth.wrapped(LogLineText.oneLine(span.statusMessage), to: max(1, width)).prefix(3)
                .map { StyledLine($0, .fail.bold()) } + lines
        }
        if span.isOrphan { lines.append(StyledLine("its parent \(span.parentID) has not arrived", .warn)) }
        lines += fields(span.attributes, state.glyphs, width: width)
        if !span.events.isEmpty { lines.append(StyledLine("events", .title)) }
        for event in span.events {
            var line = StyledLine("  +\(TimeText.fine(event.offset, ascii: ascii))  ", .dim)
            line.add(event.name, event.name == "exception" ? .fail : .plain)
            for field in event.attributes { line.add("  \(field.name)=\(LogLineText.oneLine(field.value))", .dim) }
            lines.append(line)
        }
        if !span.links.isEmpty {
            lines.append(StyledLine("links", .title))
            lines += span.links.map { StyledLine("  \($0)", .accent) }
        }
        if !span.resource.isEmpty {
            lines.append(StyledLine("resource", .title))
            lines += fields(span.resource, state.glyphs, width: width)
        }
        return lines
    }

    private static func fields(_ fields: [LogField], _ glyphs: GlyphSet, width: Int) -> [StyledLine] {
        let nameWidth = min(28, max(6, fields.map { TextWidth.of($0.name) }.max() ?? 0), max(6, width / 2))
        return fields.map { field in
            StyledLine([
                ("  " + glyphs.fit(field.name, to: nameWidth) + "  ", .dim), (LogLineText.oneLine(field.value), .plain),
            ])
        }
    }
}

extension SpanKind {
    var word: String {
        switch self {
        case .unspecified: "unspecified"
        case .internal: "internal"
        case .server: "server"
        case .client: "client"
        case .producer: "producer"
        case .consumer: "consumer"
        }
    }
}
