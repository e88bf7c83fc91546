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
        let hasCrashLoop: Bool
        let hasMemoryLimit: Bool
        let hasStatusText: Bool

        init(_ services: [ServiceSnapshot], nameWidth: Int, columns: Int) {
            self.nameWidth = nameWidth
            self.columns = columns
            hasCrashLoop = services.contains { $0.isCrashLooping && $0.state == .backoff }
            hasMemoryLimit = services.contains { $0.memoryLimit != nil }
            hasStatusText = services.contains { !$0.statusText.isEmpty }
        }
    }

    func layout(_ content: Content) -> TableLayout.Column {
        let nameWidth = content.nameWidth
        let isWide = content.columns >= 100
        let isTiny = content.columns < 60
        switch self {
        case .service:
            return .init("SERVICE", minimum: isTiny ? min(12, nameWidth) : nameWidth, ideal: nameWidth, priority: 100)
        case .marks: return .init("", minimum: 3, ideal: 4, priority: 65)
        case .state:
            let needed = isTiny ? 8 : content.hasCrashLoop ? 14 : 10
            return .init("STATE", minimum: needed, ideal: max(11, needed), priority: 95)
        case .health: return .init("HEALTH", minimum: 13, ideal: isWide ? 18 : 13, priority: 40)
        case .memory:
            return .init(
                "MEM",
                alignment: .right,
                minimum: content.hasMemoryLimit ? 5 : 4,
                ideal: content.hasMemoryLimit ? 9 : 5,
                priority: 74
            )
        // What services say of themselves is worth more than a second trend.
        case .reason:
            let priority = content.hasStatusText ? 30 : 11
            return .init("MESSAGE", minimum: 22, ideal: 30, priority: priority, isFlexible: true)
        default: return figureLayout
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

    /// What a row shows in this column, and how.
    func field(_ service: ServiceSnapshot, _ state: ConsoleState, width: Int) -> (text: String, style: Style) {
        let figures = service.figures
        switch self {
        case .service: return (service.id.rawValue, service.state.isTroubled ? .plain.bold() : .plain)
        case .marks: return Self.marks(service)
        case .group: return (service.group, .dim)
        case .state: return Self.stateField(service, state, width)
        case .health: return Self.healthField(service, state)
        case .restarts:
            let text = "\(service.restarts)" + (service.isCrashLooping ? "!" : "")
            return (text, service.isCrashLooping ? .fail : service.restarts > 0 ? .warn : .dim)
        case .pid: return Self.figure(service.pid.map { $0.description } ?? NumberText.missing, .dim)
        case .uptime: return Self.figure(service.uptime(at: state.now), .plain)
        case .cpu: return Self.figure(NumberText.cpu(figures.cpuPercent), .plain)
        case .memory: return Self.memoryField(service, width)
        case .rps: return Self.figure(NumberText.short(figures.rps), .plain)
        case .p95: return Self.figure(TimeText.latency(figures.p95Seconds), .plain)
        case .errors:
            let ratio = figures.errorRatio ?? 0
            return Self.figure(
                NumberText.percent(figures.errorRatio),
                ratio >= 0.05 ? .fail : ratio >= 0.01 ? .warn : .plain
            )
        case .cpuTrend: return Self.trend(figures.cpuHistory, width, state.glyphs)
        case .memoryTrend: return Self.trend(figures.memoryHistory, width, state.glyphs)
        case .rpsTrend: return Self.trend(figures.rpsHistory, width, state.glyphs)
        case .p95Trend: return Self.trend(figures.p95History, width, state.glyphs)
        case .errorTrend: return Self.trend(figures.errorHistory, width, state.glyphs)
        case .reason:
            return (service.messageText, service.state.isTroubled || !service.statusText.isEmpty ? .plain : .dim)
        }
    }

    private static func stateField(
        _ service: ServiceSnapshot,
        _ state: ConsoleState,
        _ width: Int
    ) -> (text: String, style: Style) {
        let look = StateText(service.state, glyphs: state.glyphs)
        switch service.state {
        case .backoff, .blocked:
            let isLoop = service.isCrashLooping && service.state == .backoff
            let word = isLoop ? (width >= 14 ? "crash-loop" : "loop") : look.word
            let style = isLoop ? Style.fail : look.style
            guard let due = service.restartAt else { return (word, style) }
            return ("\(word) \(TimeText.countdown(from: state.now, to: due))", style)
        // A job that has done its work is as good as its next run; one that failed says so.
        case .idle, .exited:
            guard let next = service.nextRunAt else { return (look.word, look.style) }
            return ("next \(TimeText.countdown(from: state.now, to: next))", look.style)
        default: return (look.word, look.style)
        }
    }

    /// `~` differs from the manifest, `t` has a terminal, `w` files are watched, `!` but no longer.
    private static func marks(_ service: ServiceSnapshot) -> (text: String, style: Style) {
        let isSuspended = service.watch?.suspension != nil
        let text =
            (service.isEdited ? "~" : "") + (service.hasTerminal ? "t" : "")
            + (service.watch == nil ? "" : isSuspended ? "w!" : "w")
        return (text, isSuspended ? .warn.bold() : service.isEdited ? .accent : .dim)
    }

    /// `388M/512M`, or a sign where there is no room for the limit and little left of it.
    private static func memoryField(_ service: ServiceSnapshot, _ width: Int) -> (text: String, style: Style) {
        let used = service.figures.memoryBytes
        let text = NumberText.bytes(used)
        guard let used, let limit = service.memoryLimit, limit > 0 else { return figure(text, .plain) }
        let share = Double(used) / Double(limit)
        let style: Style = share >= 0.95 ? .fail : share >= 0.8 ? .warn : .plain
        guard width < 9 else { return (text + "/" + NumberText.bytes(limit), style) }
        return (text + (share >= 0.8 && text.count < width ? "!" : ""), style)
    }

    private static func healthField(
        _ service: ServiceSnapshot,
        _ state: ConsoleState
    ) -> (text: String, style: Style) {
        let health = service.health
        if let conflict = service.portConflict { return (conflict.shortText, .warn) }
        if !service.state.isAlive, let next = service.nextRunAt {
            return ("next in \(TimeText.countdown(from: state.now, to: next))", .dim)
        }
        switch health.verdict {
        case .unknown:
            return (service.state == .waiting && !service.reason.isEmpty ? service.reason : NumberText.missing, .dim)
        case .passing:
            let latency = health.latency.map { " " + TimeText.latency($0.inSeconds) } ?? ""
            return ((health.detail.isEmpty ? "ok" : health.detail) + latency, .ok)
        case .failing: return (health.detail.isEmpty ? "failing" : health.detail, .warn)
        }
    }

    private static func figure(_ text: String, _ style: Style) -> (text: String, style: Style) {
        (text, text == NumberText.missing ? .dim : style)
    }

    private static func trend(_ values: [Double?], _ width: Int, _ glyphs: GlyphSet) -> (text: String, style: Style) {
        let text = Sparkline.render(values: values, width: width, glyphs: glyphs)
        return (text, values.contains { $0 != nil } ? .accent : .dim)
    }
}

extension PortConflict {
    /// `8082 has nginx`, as far as it is known.
    fileprivate var shortText: String {
        let name = command.split(separator: " ").first?.split(separator: "/").last.map(String.init)
        return "\(port): " + (name.map { CleanText.line($0) } ?? pid.map { "pid \($0)" } ?? "taken")
    }
}

extension ServiceSnapshot {
    /// What there is to say in one line: what is wrong, what it says itself, how it ended.
    var messageText: String {
        if !reason.isEmpty { return CleanText.line(reason) }
        if !statusText.isEmpty { return CleanText.line(statusText) }
        if let why = watch?.suspension { return "watch suspended: " + CleanText.line(why) }
        return lastTermination.map { "last: \(CleanText.line($0.description))" } ?? ""
    }

    /// Something of it belongs into the column of marks.
    var hasMarks: Bool { isEdited || hasTerminal || watch != nil }

    func uptime(at now: Timestamp) -> String {
        guard state.isAlive, let startedAt else { return NumberText.missing }
        return TimeText.age(startedAt.distance(to: now))
    }
}
