import CellGrid
import FleetModel

/// One record as text: time, severity, source, message and fields.
struct LogLineText {
    private let record: LogRecord
    private let state: ConsoleState

    init(_ record: LogRecord, _ state: ConsoleState) {
        self.record = record
        self.state = state
    }

    private static let longestTag = 14

    /// Columns of the source tag: the longest name in the fleet, within reason.
    static func tagWidth(_ state: ConsoleState, columns: Int) -> Int {
        let longest = state.snapshot?.services.map { TextWidth.of($0.id.rawValue) }.max() ?? 8
        return min(max(4, longest), columns < 60 ? 8 : longestTag)
    }

    static func prefixWidth(_ state: ConsoleState, columns: Int) -> Int {
        1 + timeWidth(state, columns: columns) + 2 + tagWidth(state, columns: columns) + 1
    }

    private static func timeWidth(_ state: ConsoleState, columns: Int) -> Int {
        guard columns >= 50 else { return 0 }
        switch state.panes.logs.look.time {
        case .seconds: return 9
        case .milliseconds: return 13
        case .none: return 0
        }
    }

    /// Everything left of the message.
    func prefix(columns: Int) -> StyledLine {
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        var line = StyledLine(" ")
        switch Self.timeWidth(state, columns: columns) {
        case 9: line.add(clock.seconds(record.time) + " ", .dim)
        case 13: line.add(clock.milliseconds(record.time) + " ", .dim)
        default: break
        }
        let width = Self.tagWidth(state, columns: columns)
        line.add(record.severity.letter + " ", record.severity.style)
        line.add(
            state.glyphs.fit(record.service.rawValue, to: width) + " ",
            .source(of: record.service.rawValue, state)
        )
        return line
    }

    /// One line without regard to the Logs pane's settings, for strips in other panes.
    func compact(showsService: Bool) -> StyledLine {
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        var line = StyledLine(clock.milliseconds(record.time) + " ", .dim)
        // What the engine says about the service is a rule here too, or it would pass for the service's own words.
        if record.stream == .fleet {
            let bar = String(repeating: String(Character(state.glyphs.lines(.double).horizontal)), count: 2)
            let name = showsService ? "\(record.service) " : ""
            line.add("\(bar) \(name)\(record.message) \(bar)", Self.ruleStyle(record).bold())
            return line
        }
        line.add(record.severity.letter + " ", record.severity.style)
        if showsService {
            let width = Self.tagWidth(state, columns: 100)
            line.add(
                state.glyphs.fit(record.service.rawValue, to: width) + " ",
                .source(of: record.service.rawValue, state)
            )
        }
        line.runs += message.runs
        return line
    }

    /// Of a line that is the engine's.
    static func ruleStyle(_ record: LogRecord) -> Style {
        record.severity >= .error ? .fail : record.severity == .warning ? .warn : .accent
    }

    var isExpanded: Bool { state.panes.logs.look.expandsAll || state.panes.logs.look.expanded.contains(record.id) }

    /// The message with fields behind it.
    var message: StyledLine {
        var line = StyledLine()
        let style: Style = record.severity >= .error ? .fail : record.severity == .warning ? .warn : .plain
        line.add(record.message, record.severity == .debug || record.severity == .trace ? .dim : style)
        for field in record.fields where !saysTheService(field) {
            line.add("  \(field.name)=\(Self.oneLine(field.value))", .dim)
        }
        if let trace = record.traceID, !record.fields.contains(where: { $0.name == "trace_id" }) {
            line.add("  trace=\(trace.prefix(8))", .dim)
        }
        return line
    }

    /// The source column says it already. In everything that is shown about a line the field is there.
    private func saysTheService(_ field: LogField) -> Bool {
        guard field.name == "service" || field.name == "service.name" || field.name == "service_name" else {
            return false
        }
        let id = record.service.rawValue
        // The name of a replica is its service's, a hyphen and a number.
        return field.value == id || id.hasPrefix(field.value + "-")
    }

    /// The message as the lines that the pane's settings make of it; never none.
    func bodyLines(width: Int) -> [StyledLine] {
        if isExpanded { return expandedLines(width: width) }
        guard state.panes.logs.look.wraps else { return [message] }
        return wrapped(message, to: width)
    }

    private func expandedLines(width: Int) -> [StyledLine] {
        let style: Style = record.severity >= .error ? .fail : .plain
        var lines = TextWidth.wrapped(record.message, to: width).map { StyledLine($0, style) }
        let nameWidth = min(24, record.fields.map { TextWidth.of($0.name) }.max() ?? 0)
        func add(_ name: String, _ value: String) {
            let pieces = TextWidth.wrapped(value, to: max(8, width - nameWidth - 4))
            for (index, piece) in pieces.prefix(40).enumerated() {
                let label = state.glyphs.fit(index == 0 ? name : "", to: nameWidth)
                lines.append(StyledLine([("  " + label + "  ", .dim), (piece, .plain)]))
            }
        }
        for field in record.fields { add(field.name, field.value) }
        if let trace = record.traceID { add("trace", trace) }
        return lines.isEmpty ? [StyledLine()] : lines
    }

    /// Breaks styled text at exact columns; blanks are not favoured, because log lines are not prose.
    private func wrapped(_ line: StyledLine, to width: Int) -> [StyledLine] {
        var lines: [StyledLine] = []
        var current = StyledLine()
        var room = width
        for run in line.runs {
            var rest = run.text
            while TextWidth.of(rest) > room {
                let piece = TextWidth.prefix(rest, columns: room)
                current.add(piece, run.style)
                lines.append(current)
                current = StyledLine()
                // A wide character that does not fit into a single column would never end.
                if piece.isEmpty, room == width { return lines }
                rest = TextWidth.dropping(rest, columns: TextWidth.of(piece))
                room = width
                if lines.count > 200 { return lines }
            }
            current.add(rest, run.style)
            room -= TextWidth.of(rest)
        }
        return lines + [current]
    }

    static func oneLine(_ text: String) -> String {
        text.contains("\n") ? text.split(separator: "\n").joined(separator: " ") : text
    }
}
