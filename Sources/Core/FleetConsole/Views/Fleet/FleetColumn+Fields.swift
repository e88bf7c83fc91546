import CellGrid
import FleetModel

extension FleetColumn {
    /// What a row shows in this column, and how.
    func field(
        _ service: ServiceSnapshot,
        _ state: ConsoleState,
        width: Int,
        hasMessage: Bool
    ) -> (text: String, style: Style) {
        let figures = service.figures
        switch self {
        case .service: return (service.id.rawValue, service.state.isTroubled ? .plain.bold() : .plain)
        case .marks: return Self.marks(service)
        case .group: return (service.group, .dim)
        case .state: return Self.stateField(service, state, width)
        case .health: return Self.healthField(service, state, hasMessage: hasMessage)
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
        let look = StateText(service, glyphs: state.glyphs)
        // A job that has done its work is as good as its next run; one that failed says so.
        let word = service.state.isAtRest && service.nextRunAt != nil ? "next" : look.word
        let time = timeOfState(service, at: state.now).first { word.count + $0.count <= width }
        return (time.map { word + $0 } ?? look.word, look.style)
    }

    /// What follows the word, the fullest form first: how long it still takes, or has taken.
    private static func timeOfState(_ service: ServiceSnapshot, at now: Timestamp) -> [String] {
        let due = service.restartAt.map { TimeText.countdown(from: now, to: $0) }
        switch service.state {
        case .backoff: return due.map { [" \($0)"] } ?? []
        case .blocked: return due.map { [", retry \($0)"] } ?? []
        case .stopping:
            let elapsed = " " + TimeText.span(service.since.distance(to: now))
            return (due.map { [", \($0) left"] } ?? []) + [elapsed]
        case .failed: return service.nextRunAt.map { [", next " + TimeText.countdown(from: now, to: $0)] } ?? []
        case .idle, .exited: return service.nextRunAt.map { [" " + TimeText.countdown(from: now, to: $0)] } ?? []
        default: return []
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

    /// What the message beside it says already is not said twice.
    private static func healthField(
        _ service: ServiceSnapshot,
        _ state: ConsoleState,
        hasMessage: Bool
    ) -> (text: String, style: Style) {
        let health = service.health
        if let conflict = service.portConflict { return (conflict.shortText, .warn) }
        switch health.verdict {
        case .unknown:
            let isWaiting = service.state == .waiting && !service.reason.isEmpty && !hasMessage
            return (isWaiting ? service.messageText : NumberText.missing, .dim)
        case .passing:
            let latency = health.usualLatency.map { " " + TimeText.stepped($0) } ?? ""
            return ((health.detail.isEmpty ? "ok" : CleanText.withoutMarkup(health.detail)) + latency, .ok)
        case .failing:
            let detail = CleanText.withoutMarkup(health.detail)
            guard detail.isEmpty || hasMessage && service.messageText.contains(detail) else { return (detail, .warn) }
            return ("failing" + (health.consecutiveFailures > 1 ? " x\(health.consecutiveFailures)" : ""), .warn)
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

extension ServiceState {
    /// Nothing runs and nothing is wrong.
    fileprivate var isAtRest: Bool { self == .idle || self == .exited }
}

extension ServiceSnapshot {
    /// What there is to say in one line: what is wrong, what it says itself, how it ended. The state says that it will be
    /// tried again, and the strip whom the probe asked.
    var messageText: String {
        if !reason.isEmpty, !saysOnlyState {
            var text = CleanText.withoutMarkup(CleanText.line(reason))
            let probe = health.probe + ": "
            if probe.count > 2, text.hasPrefix(probe) { text.removeFirst(probe.count) }
            if text.hasSuffix(Self.retrying) { text.removeLast(Self.retrying.count) }
            return text
        }
        if !statusText.isEmpty { return CleanText.line(statusText) }
        if let why = watch?.suspension { return "watch suspended: " + CleanText.line(why) }
        return hasUnexpectedEnd ? lastTermination.map { "last: \(CleanText.line($0.description))" } ?? "" : ""
    }

    private static let retrying = "; trying again"

    /// The state's word says it while the service waits for its next start; alive, it only just began again.
    var crashLoopText: String { state == .backoff ? "crash-loop" : "after a crash-loop" }

    /// `exit 0` of a job that is done, `runs by its schedule` beside its next run.
    private var saysOnlyState: Bool {
        switch state {
        case .exited: lastTermination == .exited(code: 0)
        case .idle: nextRunAt != nil
        default: false
        }
    }

    /// Its last life ended, and nobody had asked for that.
    private var hasUnexpectedEnd: Bool {
        guard let end = lastTermination, wanted == .up, restarts > 0 else { return false }
        // What a stop leaves behind: a status of its own, or that of the signals that ask for it.
        return ![0, 130, 143].contains(end.shellStatus)
    }

    /// Something of it belongs into the column of marks.
    var hasMarks: Bool { isEdited || hasTerminal || watch != nil }

    func uptime(at now: Timestamp) -> String {
        guard state.isAlive, let startedAt else { return NumberText.missing }
        return TimeText.age(startedAt.distance(to: now))
    }
}

extension HealthSnapshot {
    /// The middle one of the last answers, in seconds: one slow answer is no news.
    var usualLatency: Double? {
        let recent = history.suffix(15).compactMap(\.self).sorted()
        return recent.isEmpty ? latency?.inSeconds : recent[recent.count / 2]
    }
}
