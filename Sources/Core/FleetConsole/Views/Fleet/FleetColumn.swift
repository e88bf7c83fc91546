import CellGrid
import FleetModel

/// The columns of the service table. The order is the one on the screen; priorities say who stays when it gets narrow.
enum FleetColumn: CaseIterable {
    case service, marks, group, state, health, restarts, pid, uptime, cpu, cpuTrend, memory, memoryTrend, rps, rpsTrend
    case p95, p95Trend, errors, errorTrend, reason

    /// What the rows hold decides about some widths.
    struct Content {
        let nameWidth: Int
        let columns: Int
        /// For the longest state with its time.
        let stateWidth: Int
        let hasMemoryLimit: Bool
        let hasStatusText: Bool
        /// Columns of the longest cause of trouble; `nil` when all is well.
        let causeWidth: Int?

        init(_ services: [ServiceSnapshot], nameWidth: Int, columns: Int) {
            self.nameWidth = nameWidth
            self.columns = columns
            stateWidth = Self.stateWidth(services, columns: columns)
            hasMemoryLimit = services.contains { $0.memoryLimit != nil }
            hasStatusText = services.contains { !$0.statusText.isEmpty }
            causeWidth = services.filter(\.state.isTroubled).map { TextWidth.of($0.messageText) }.filter { $0 > 0 }
                .max()
        }

        /// For the longest state with its time; on narrow screens the time gives way to the word, on tiny ones the word
        /// to its mark.
        private static func stateWidth(_ services: [ServiceSnapshot], columns: Int) -> Int {
            let isLooping = services.contains { $0.isCrashLooping && $0.state == .backoff }
            if columns < 60 { return columns < 30 ? 6 : isLooping ? 10 : 8 }
            guard columns >= 100 else { return isLooping ? 14 : 10 }
            if services.contains(where: { $0.state == .failed && $0.nextRunAt != nil }) { return 18 }
            let hasDeadline = services.contains {
                ($0.state == .blocked || $0.state == .stopping) && $0.restartAt != nil
            }
            return hasDeadline ? 17 : isLooping ? 14 : 10
        }
    }

    /// Those that can be switched off.
    static var optional: [FleetColumn] { allCases.filter { $0 != .service && $0 != .state } }

    /// As the menu of columns writes it.
    var name: String {
        switch self {
        case .marks: "marks"
        case .health, .memory, .reason: layout(Content([], nameWidth: 8, columns: 80)).title
        default: figureLayout.title
        }
    }

    func layout(_ content: Content) -> TableLayout.Column {
        let nameWidth = content.nameWidth
        let isWide = content.columns >= 100
        let isTiny = content.columns < 60
        switch self {
        case .service:
            return .init(
                "SERVICE",
                minimum: isTiny ? min(content.columns < 30 ? 6 : 12, nameWidth) : nameWidth,
                ideal: nameWidth,
                priority: 100
            )
        case .marks: return .init("", minimum: 3, ideal: 4, priority: 65)
        case .state:
            return .init("STATE", minimum: content.stateWidth, ideal: max(11, content.stateWidth), priority: 95)
        case .health: return .init("HEALTH", minimum: 13, ideal: isWide ? 18 : 13, priority: 40)
        case .memory:
            return .init(
                "MEM",
                alignment: .right,
                minimum: content.hasMemoryLimit ? 5 : 4,
                ideal: content.hasMemoryLimit ? 9 : 5,
                priority: 74
            )
        case .reason: return Self.reasonLayout(content)
        default: return figureLayout
        }
    }

    /// Why something is in trouble is worth more than how the others are doing; what services say of themselves, more
    /// than a second trend.
    private static func reasonLayout(_ content: Content) -> TableLayout.Column {
        guard let cause = content.causeWidth else {
            let priority = content.hasStatusText ? 30 : 11
            return .init("MESSAGE", minimum: 22, ideal: 30, priority: priority, isFlexible: true)
        }
        // In steps of ten, so that a longer number moves no column.
        let wanted = min(content.columns / 2, (cause + 9) / 10 * 10)
        let needed = content.columns >= 100 ? max(40, wanted) : 16
        return .init("MESSAGE", minimum: needed, ideal: 60, priority: 66, isFlexible: true)
    }

    /// A column that would be empty in every row leaves its room to the others. Which figures there are is asked of the
    /// whole fleet, so that a filter of rows moves no column.
    func isWorthShowing(_ rows: [ServiceSnapshot], of fleet: [ServiceSnapshot]) -> Bool {
        func has(_ history: KeyPath<ServiceFigures, [Double?]>) -> Bool {
            fleet.contains { service in service.figures[keyPath: history].contains { $0 != nil } }
        }
        switch self {
        case .group: return rows.contains { !$0.group.isEmpty }
        case .marks: return rows.contains(where: \.hasMarks)
        case .rps: return fleet.contains { $0.figures.rps != nil }
        case .p95: return fleet.contains { $0.figures.p95Seconds != nil }
        case .errors: return fleet.contains { $0.figures.errorRatio != nil }
        case .rpsTrend: return has(\.rpsHistory)
        case .p95Trend: return has(\.p95History)
        case .errorTrend: return has(\.errorHistory)
        case .cpuTrend: return has(\.cpuHistory)
        case .memoryTrend: return has(\.memoryHistory)
        case .service, .state, .health, .restarts, .pid, .uptime, .cpu, .memory, .reason: return true
        }
    }

    private var figureLayout: TableLayout.Column {
        switch self {
        case .group: .init("GROUP", minimum: 5, ideal: 8, priority: 27)
        case .restarts: .init("RST", alignment: .right, minimum: 3, priority: 70)
        case .pid: .init("PID", alignment: .right, minimum: 7, priority: 10)
        case .uptime: .init("UP", alignment: .right, minimum: 5, ideal: 6, priority: 45)
        case .cpu: .init("CPU%", alignment: .right, minimum: 4, ideal: 5, priority: 75)
        case .cpuTrend: .init("CPU 2m", minimum: 12, ideal: 15, priority: 12)
        case .memoryTrend: .init("MEM 2m", minimum: 12, ideal: 15, priority: 8)
        case .rps: .init("RPS", alignment: .right, minimum: 4, ideal: 5, priority: 90)
        case .rpsTrend: .init("RPS 2m", minimum: 10, ideal: 16, priority: 50)
        case .p95: .init("P95", alignment: .right, minimum: 5, ideal: 6, priority: 85)
        case .p95Trend: .init("P95 2m", minimum: 12, ideal: 15, priority: 25)
        case .errors: .init("ERR%", alignment: .right, minimum: 4, ideal: 5, priority: 80)
        case .errorTrend: .init("ERR 2m", minimum: 8, ideal: 12, priority: 6)
        case .service, .marks, .state, .health, .memory, .reason: .init("", minimum: 0)
        }
    }
}
