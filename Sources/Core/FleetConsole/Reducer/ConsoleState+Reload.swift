import CellGrid
import FleetAPI
import FleetModel

extension ConsoleState {
    /// Waits for the operator's word, and was not waved away.
    var announcedReload: PendingReload? {
        guard let pending = snapshot?.pendingReload, pending != fleet.ignoredReload else { return nil }
        return pending
    }

    mutating func openReload() {
        guard !overlays.contains(where: { if case .reload = $0 { true } else { false } }) else { return }
        data.forget(.reloadPlan)
        overlays.append(.reload(ReloadOverlay()))
    }

    /// What the dialog shows: what the engine told by itself, else what it answered. `nil` = not known yet.
    var reloadPlan: PendingReload? {
        if let pending = snapshot?.pendingReload { return pending }
        return data.reloadPlan.map { PendingReload(plan: $0.steps.map(\.text), errors: $0.errors) }
    }

    mutating func press(_ key: Key, in reload: ReloadOverlay) -> [ConsoleEffect] {
        var reload = reload
        let buttons = ReloadPanel.buttons(self)
        switch key {
        case .escape, .character("q"), .character("n"): return []
        case .character("y") where buttons.contains(.apply): return operate([.reload])
        case .character("i") where buttons.contains(.ignore): return ignoreReload()
        case .enter:
            switch reload.focus {
            case .apply where buttons.contains(.apply): return operate([.reload])
            case .ignore where buttons.contains(.ignore): return ignoreReload()
            default: return []
            }
        case .tab, .right, .character("l"): reload.focus = Self.next(reload.focus, by: 1, among: buttons)
        case .backTab, .left, .character("h"): reload.focus = Self.next(reload.focus, by: -1, among: buttons)
        case .down, .character("j"): reload.top += 1
        case .up, .character("k"): reload.top -= 1
        case .pageDown, .control("f"), .character(" "): reload.top += 8
        case .pageUp, .control("b"), .character("b"): reload.top -= 8
        default: break
        }
        reload.top = min(max(0, reload.top), ReloadPanel.maximumTop(self))
        overlays.append(.reload(reload))
        return []
    }

    private mutating func ignoreReload() -> [ConsoleEffect] {
        fleet.ignoredReload = snapshot?.pendingReload
        message = Message(.note, "this change is ignored; :reload shows it again")
        return []
    }

    private static func next(
        _ button: ReloadOverlay.Button,
        by step: Int,
        among buttons: [ReloadOverlay.Button]
    ) -> ReloadOverlay.Button {
        guard let place = buttons.firstIndex(of: button), !buttons.isEmpty else { return .later }
        return buttons[(place + step + buttons.count) % buttons.count]
    }
}

// MARK: The answer

extension ConsoleState {
    static func message(about answer: ReloadAnswer) -> Message {
        if let first = answer.errors.first {
            let more = answer.errors.count > 1 ? " (+\(answer.errors.count - 1) more; :reload shows them)" : ""
            return Message(.failure, "reload: \(first)\(more)")
        }
        guard answer.isApplied else { return Message(.note, "reload: nothing was applied") }
        switch answer.steps.count {
        case 0: return Message(.success, "reload: nothing differs")
        case 1: return Message(.success, "reload: \(answer.steps[0].text)")
        default: return Message(.success, "reload: \(answer.steps.count) changes applied")
        }
    }
}
