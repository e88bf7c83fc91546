import CellGrid
import FleetModel

/// The columns of the service table. The order is the one on the screen; priorities say who stays when it gets narrow.
enum FleetColumn: CaseIterable {
    case service, group, state, health, restarts, pid, uptime, cpu, cpuTrend, memory, memoryTrend, rps, rpsTrend
    case p95, p95Trend, errors, errorTrend, reason

    func layout(nameWidth: Int, columns: Int) -> TableLayout.Column {
        let isWide = columns >= 100
        return layout(nameWidth: nameWidth, isWide: isWide, isTiny: columns < 60)
    }

    private func layout(nameWidth: Int, isWide: Bool, isTiny: Bool) -> TableLayout.Column {
        switch self {
        case .service:
            .init("SERVICE", minimum: isTiny ? min(12, nameWidth) : nameWidth, ideal: nameWidth, priority: 100)
        case .group: .init("GROUP", minimum: 5, ideal: 8, priority: 27)
        case .state: .init("STATE", minimum: isTiny ? 8 : 10, ideal: 11, priority: 95)
        case .health: .init("HEALTH", minimum: 12, ideal: isWide ? 18 : 12, priority: 40)
        case .restarts: .init("RST", alignment: .right, minimum: 3, priority: 70)
        case .pid: .init("PID", alignment: .right, minimum: 7, priority: 10)
        case .uptime: .init("UP", alignment: .right, minimum: 5, ideal: 6, priority: 45)
        case .cpu: .init("CPU%", alignment: .right, minimum: 4, ideal: 5, priority: 75)
        case .cpuTrend: .init("CPU 2m", minimum: 12, ideal: 15, priority: 12)
        case .memory: .init("MEM", alignment: .right, minimum: 4, ideal: 5, priority: 74)
        case .memoryTrend: .init("MEM 2m", minimum: 12, ideal: 15, priority: 8)
        case .rps: .init("RPS", alignment: .right, minimum: 4, ideal: 5, priority: 90)
        case .rpsTrend: .init("RPS 2m", minimum: 10, ideal: 16, priority: 50)
        case .p95: .init("P95", alignment: .right, minimum: 5, ideal: 6, priority: 85)
        case .p95Trend: .init("P95 2m", minimum: 12, ideal: 15, priority: 25)
        case .errors: .init("ERR%", alignment: .right, minimum: 4, ideal: 5, priority: 80)
        case .errorTrend: .init("ERR 2m", minimum: 8, ideal: 12, priority: 6)
        case .reason: .init("LAST EVENT", minimum: 22, ideal: 30, priority: 11, isFlexible: true)
        }
    }

    /// What a row shows in this column, and how.
    func field(_ service: ServiceSnapshot, _ state: ConsoleState, width: Int) -> (text: String, style: Style) {
        let figures = service.figures
        switch self {
        case .service: return (service.id.rawValue, service.state.isTroubled ? .plain.bold() : .plain)
        case .group: return (service.group, .dim)
        case .state: return Self.stateField(service, state)
        case .health: return Self.healthField(service)
        case .restarts:
            return ("\(service.restarts)", service.isCrashLooping ? .fail : service.restarts > 0 ? .warn : .dim)
        case .pid: return Self.figure(service.pid.map { $0.description } ?? NumberText.missing, .dim)
        case .uptime: return Self.figure(service.uptime(at: state.now), .plain)
        case .cpu: return Self.figure(NumberText.cpu(figures.cpuPercent), .plain)
        case .memory: return Self.figure(NumberText.bytes(figures.memoryBytes), .plain)
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
            let text = service.reason.isEmpty ? service.lastTermination.map { "last: \($0)" } ?? "" : service.reason
            return (text, service.state.isTroubled ? .plain : .dim)
        }
    }

    private static func stateField(_ service: ServiceSnapshot, _ state: ConsoleState) -> (text: String, style: Style) {
        let look = StateText(service.state, glyphs: state.glyphs)
        guard service.state == .backoff, let due = service.restartAt else { return (look.word, look.style) }
        return ("\(look.word) \(TimeText.countdown(from: state.now, to: due))", look.style)
    }

    private static func healthField(_ service: ServiceSnapshot) -> (text: String, style: Style) {
        let health = service.health
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

extension ServiceSnapshot {
    func uptime(at now: Timestamp) -> String {
        guard state.isAlive, let startedAt else { return NumberText.missing }
        return TimeText.age(startedAt.distance(to: now))
    }
}
