import CellGrid
import FleetAPI
import FleetModel

// MARK: Before and after a restart

extension ConsoleState {
    /// Lines on each side.
    private static let comparedLines = 1000

    private var compared: ServiceSnapshot? {
        for overlay in overlays {
            if case .comparison(let comparison) = overlay { return snapshot?[comparison.service] }
        }
        return nil
    }

    mutating func openComparison(of argument: String) {
        guard let service = oneTarget(argument) else { return }
        guard service.incarnation.ordinal > 1 else {
            message = Message(.note, "\(service.id) has not been started again; there is nothing to compare")
            return
        }
        data.forget(.linesBefore)
        data.forget(.linesAfter)
        overlays.append(.comparison(ComparisonOverlay(service: service.id)))
    }

    var comparisonNeeds: [DataRequest] {
        guard let service = compared else { return [] }
        let newest = LogQuery(services: [service.id.rawValue], limit: Self.comparedLines)
        var needs = [DataRequest(.linesAfter, .logs(newest), .once)]
        // A long life has more lines than one page; those before its start are asked for by their time.
        if let start = service.startedAt {
            let clock = TimeText(secondsFromUTC: screen.secondsFromUTC)
            let earlier = LogQuery(
                services: [service.id.rawValue],
                filter: "until:\(clock.dated(start + .seconds(1)))",
                limit: Self.comparedLines
            )
            needs.append(DataRequest(.linesBefore, .logs(earlier), .once))
        }
        return needs
    }

    /// `nil` until the lines are there.
    var comparison: LogComparison? {
        guard let service = compared, let after = data.logs(.linesAfter) else { return nil }
        let earlier = service.startedAt == nil ? LogPage() : data.logs(.linesBefore)
        guard let earlier else { return nil }
        var records: [Int: LogRecord] = [:]
        for record in earlier.records + after.records where record.service == service.id { records[record.id] = record }
        return LogComparison(records.values.sorted { $0.id < $1.id }, present: service.incarnation)
    }

    mutating func press(_ key: Key, in comparison: ComparisonOverlay) {
        var comparison = comparison
        switch key {
        case .escape, .character("q"), .character("C"): return
        case .down, .character("j"): comparison.top += 1
        case .up, .character("k"): comparison.top -= 1
        case .pageDown, .control("f"), .character(" "): comparison.top += 10
        case .pageUp, .control("b"), .character("b"): comparison.top -= 10
        default: break
        }
        overlays.append(.comparison(comparison))
        let last = ComparisonPanel.maximumTop(self)
        overlays.removeLast()
        comparison.top = min(max(0, comparison.top), last)
        overlays.append(.comparison(comparison))
    }
}
