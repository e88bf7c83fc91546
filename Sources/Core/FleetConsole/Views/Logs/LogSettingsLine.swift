import CellGrid
import FleetAPI
import FleetModel

/// What the Logs pane shows and leaves out, and whether it follows.
enum LogSettingsLine {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let right = following(state)
        canvas.put(settings(state), 1, rect.row, width: max(0, rect.columns - right.width - 3))
        canvas.put(right, max(0, rect.columns - right.width - 1), rect.row, width: right.width)
    }

    private static func settings(_ state: ConsoleState) -> StyledLine {
        let logs = state.panes.logs
        let bar: StyledLine.Run = (" \(state.glyphs.separator) ", .border)
        var line = StyledLine(sources(state), logs.onlyService || !logs.hidden.isEmpty ? .accent : .plain)
        if logs.minimum != .unspecified {
            line.runs.append(bar)
            line.add("level>=\(LogFilterText.word(for: logs.minimum))", .accent)
        }
        let error = state.data.error(.logsBefore)
        if !logs.filter.isEmpty {
            line.runs.append(bar)
            if let error, logs.find.isEmpty {
                line.runs += failing(
                    logs.filter,
                    error.message,
                    isGrouped: state.logFilter.hasPrefix("(") && !logs.filter.hasPrefix("(")
                )
            } else {
                line.add("filter ", .dim)
                line.add(logs.filter, .accent)
            }
        }
        if let time = state.selection.time {
            line.runs.append(bar)
            line.add("around " + TimeText(secondsFromUTC: state.screen.secondsFromUTC).seconds(time), .accent)
        }
        if !logs.find.isEmpty {
            line.runs.append(bar)
            line.add("find ", .dim)
            if let error {
                line.runs += failing(logs.find, error.message, isGrouped: false)
            } else {
                line.add(logs.find + " ", .accent)
                line.add(hits(state), .plain)
            }
        }
        return line
    }

    private static func sources(_ state: ConsoleState) -> String {
        let logs = state.panes.logs
        if logs.onlyService, let id = state.selection.service { return id.rawValue }
        guard !logs.hidden.isEmpty, let services = state.snapshot?.services else { return "all" }
        let hidden = services.filter { logs.hidden.contains($0.id) }
        let shown = services.count - hidden.count
        if shown <= 3 {
            return services.filter { !logs.hidden.contains($0.id) }.map(\.id.rawValue).joined(separator: " ")
        }
        if hidden.count <= 2 { return "all " + hidden.map { "-\($0.id)" }.joined(separator: " ") }
        return "\(shown) of \(services.count) services"
    }

    /// The filter with the place that the error names, and the error.
    private static func failing(_ filter: String, _ message: String, isGrouped: Bool) -> [StyledLine.Run] {
        let characters = Array(filter)
        let shift = isGrouped ? 1 : 0
        guard let column = column(in: message).map({ $0 - shift }), column >= 1, column <= characters.count else {
            return [(filter, .fail), ("  \(message)", .fail)]
        }
        return [
            (String(characters[..<(column - 1)]), .plain),
            (String(characters[column - 1]), Style(.fail, bold: true, reverse: true)),
            (String(characters[column...]), .plain), ("  \(message)", .fail),
        ]
    }

    /// The number after "column" in a message.
    private static func column(in message: String) -> Int? {
        let words = message.split { !$0.isLetter && !$0.isNumber }
        guard let place = words.firstIndex(of: "column"), place + 1 < words.count else { return nil }
        return Int(words[place + 1])
    }

    /// `3 of 12` with a sign where there are more beyond what is loaded.
    private static func hits(_ state: ConsoleState) -> String {
        let window = state.panes.logs.window
        let more = window.previousMatch != nil || window.nextMatch != nil ? "+" : ""
        guard state.panes.logs.isFindLoaded else { return state.glyphs.ellipsis }
        let sorted = window.matches.sorted()
        // All of them lie beyond what is loaded, and nobody counted those.
        if sorted.isEmpty, !more.isEmpty { return "\(state.glyphs.ellipsis) hits" }
        guard let id = state.logWindow.selectedRecord?.id, let place = sorted.firstIndex(of: id) else {
            return "\(sorted.count)\(more) hits"
        }
        return "\(place + 1) of \(sorted.count)\(more)"
    }

    private static func following(_ state: ConsoleState) -> StyledLine {
        let logs = state.panes.logs
        var line = StyledLine()
        if let picked = state.pickedLines {
            let count = logs.window.records.count { picked.contains($0.id) }
            line.add("\(count) selected  ", .accent)
        }
        if logs.seek != nil { line.add("searching  ", .busy) }
        if logs.look.shift > 0 { line.add("\(state.glyphs.arrowRight)\(logs.look.shift)  ", .dim) }
        let window = logs.window
        if window.evictedCount > 0, state.screen.size.columns >= 100 {
            line.add("\(NumberText.count(window.evictedCount)) older on disk  ", .dim)
        }
        let isFiltered = !state.logFilter.isEmpty || !state.logServices.isEmpty
        let all =
            isFiltered && window.keptCount > window.matchingCount ? " of \(NumberText.grouped(window.keptCount))" : ""
        line.add("\(NumberText.grouped(window.matchingCount))\(all) lines  ", .dim)
        if logs.isFollowing, state.selection.time == nil {
            line.add("FOLLOW", .ok.bold())
        } else {
            // Around an instant that is over there is no news.
            let news = state.selection.time == nil ? max(0, window.matchingCount - logs.countAtPause) : 0
            if news > 0 { line.add("+\(NumberText.grouped(news)) new  ", .warn) }
            line.add("PAUSED", .warn.bold())
        }
        return line
    }
}
