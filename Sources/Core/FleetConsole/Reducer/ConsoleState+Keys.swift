import CellGrid
import FleetAPI
import FleetModel

extension ConsoleState {
    mutating func press(_ key: Key) -> [ConsoleEffect] {
        switch key {
        case .resize, .focusIn, .focusOut, .unknown: return []
        case .mouse(let event): return click(event)
        default: break
        }
        if key == .control("c") { return interrupt() }
        screen.interruptedAt = nil
        if key == .control("l") { return [.redraw] }
        if key == .control("z") { return [.suspend] }
        if case .stoppingFleet = departure { return pressWhileStopping(key) }
        message = nil
        if !overlays.isEmpty { return pressInOverlay(key) }
        guard let command = CommandTable.standard.command(for: [key], on: pane) else {
            message = Message(.note, "\(key.description) does nothing here, ? shows keys")
            return []
        }
        return run(command.action)
    }

    /// Cancels what is open; twice within a second asks to quit. It never ends anything at once, but for a fleet that was
    /// told to stop already.
    private mutating func interrupt() -> [ConsoleEffect] {
        let earlier = screen.interruptedAt
        screen.interruptedAt = now
        if case .stoppingFleet(let wasKilled) = departure { return wasKilled ? leave() : killFleet() }
        if let earlier, earlier.distance(to: now) <= .seconds(1) {
            screen.interruptedAt = nil
            overlays = [.quit]
            return []
        }
        if overlays.isEmpty {
            message = Message(.note, "Ctrl-c again asks to quit")
            return []
        }
        return pressInOverlay(.escape)
    }

    /// While everything stops: `x` kills what is left, `d` leaves at once, Esc stays and watches. Ctrl-c first kills and
    /// then leaves: people press it again when a stop hangs (process-compose PR#354).
    private mutating func pressWhileStopping(_ key: Key) -> [ConsoleEffect] {
        switch key {
        case .character("x"): return killFleet()
        case .character("d"), .character("q"), .character("Q"):
            return leave()
        case .escape:
            departure = .staying
            message = Message(.note, "the fleet is still stopping; the console stays until the engine is gone")
            return []
        default:
            return []
        }
    }

    private mutating func killFleet() -> [ConsoleEffect] {
        departure = .stoppingFleet(killed: true)
        return [.shutDown(ShutdownRequest(kill: true))]
    }

    mutating func leave() -> [ConsoleEffect] {
        departure = .leaving
        return [.leave]
    }

    mutating func stopFleet() -> [ConsoleEffect] {
        overlays = []
        // With the engine gone there is nothing to stop.
        if case .lost = fleet.connection { return leave() }
        departure = .stoppingFleet(killed: false)
        return [.shutDown(ShutdownRequest())]
    }

    private mutating func click(_ event: MouseEvent) -> [ConsoleEffect] {
        guard screen.isMouseOn, overlays.isEmpty, departure == .staying else { return [] }
        switch event.action {
        case .wheelDown: move(by: 3)
        case .wheelUp: move(by: -3)
        case .press(.left):
            let layout = ScreenLayout(self)
            if layout.tabs.contains(event.position) {
                if let pane = TabLine.pane(at: event.position.column, self) { show(pane) }
            } else if layout.body.contains(event.position) {
                select(row: event.position.row, in: layout.body)
            }
        default: break
        }
        return []
    }
}
