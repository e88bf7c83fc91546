import CellGrid
import FleetModel

/// One line: the manifest on disk differs from what runs.
enum ReloadBanner {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard !rect.isEmpty, let message = message(state) else { return }
        let key = key(on: state.pane)
        let mark = canvas.glyphs.mark(message.kind == .failure ? .failed : .degraded)
        var line = StyledLine(" \(mark) \(message.text)  ", message.kind.style)
        line.add(key, .key)
        line.add(" shows it", .dim)
        canvas.put(line, 0, rect.row, width: rect.columns)
    }

    static func message(_ state: ConsoleState) -> Message? {
        guard let pending = state.announcedReload else { return nil }
        guard pending.errors.isEmpty else {
            let count = pending.errors.count
            return Message(
                .failure,
                "the manifest was changed and has \(count) error\(count == 1 ? "" : "s"); nothing is touched"
            )
        }
        let count = pending.plan.count
        return Message(.warning, "the manifest was changed: \(count) change\(count == 1 ? "" : "s") to apply")
    }

    /// The key that is not taken by the pane itself.
    private static func key(on pane: Pane) -> String {
        guard let command = CommandTable.standard[.reload] else { return ":reload" }
        let free = command.keys.first { CommandTable.standard.command(for: $0, on: pane)?.action == .reload }
        return free.map { $0.map(\.description).joined() } ?? ":reload"
    }
}
