import CellGrid
import FleetAPI
import FleetModel

/// What is known about one service, as labelled lines. The strip below the table shows some, the service page all.
struct ServiceFacts {
    let service: ServiceSnapshot
    let state: ConsoleState

    private var clock: TimeText { TimeText(secondsFromUTC: state.screen.secondsFromUTC) }

    func labelled(_ label: String, _ runs: [StyledLine.Run]) -> StyledLine {
        StyledLine([(state.glyphs.fit(label, to: 10), .dim)] + runs)
    }

    /// `orders  degraded  pid 50217  :8082  up 11m  restarts 1`.
    var title: String {
        var parts = [service.id.rawValue]
        if let pid = service.pid { parts.append("pid \(pid)") }
        parts += service.ports.prefix(3).map { ":\($0.number)" }
        if service.state.isAlive { parts.append("up \(service.uptime(at: state.now))") }
        if service.restarts > 0 { parts.append("restarts \(service.restarts)") }
        return parts.joined(separator: "  ")
    }

    var stateLine: StyledLine {
        let look = StateText(service, glyphs: state.glyphs)
        let clockText = clock.seconds(service.since)
        return labelled(
            "state",
            [
                ("\(look.glyph) \(look.word)", look.style), ("  since \(clockText)", .dim),
                ("  wanted \(service.wanted.rawValue)", .dim),
            ]
        )
    }

    var reasonLine: StyledLine? {
        guard !service.reason.isEmpty else { return nil }
        var text = CleanText.withoutMarkup(CleanText.line(service.reason))
        let probe = service.health.probe + ": "
        if probe.count > 2, text.hasPrefix(probe) { text.removeFirst(probe.count) }
        var runs: [StyledLine.Run] = [(text, service.state.isTroubled ? .warn : .plain)]
        if let due = service.restartAt, service.state == .backoff || service.state == .blocked {
            runs.append((" in \(TimeText.countdown(from: state.now, to: due))", .warn))
        }
        if service.isCrashLooping { runs.append(("  \(service.crashLoopText)", .fail)) }
        return labelled("why", runs)
    }

    /// The same on as many lines as it needs, but no more than `most`.
    func reasonLines(width: Int, most: Int = 2) -> [StyledLine] {
        reasonLine?.wrapped(to: width, indent: 10, most: most) ?? []
    }

    var probeLine: StyledLine {
        let health = service.health
        guard !health.probe.isEmpty else {
            // The engine names the probe of a process; without one nothing is known about it.
            let text = service.state.isAlive ? "none declared" : "not running"
            return labelled("probe", [(text, .dim)])
        }
        let detail = CleanText.withoutMarkup(CleanText.line(health.detail))
        var runs: [StyledLine.Run]
        switch health.verdict {
        case .unknown: runs = [("no answer yet", .dim)]
        case .passing: runs = [(detail.isEmpty ? "ok" : detail, .ok)]
        case .failing:
            let count = health.consecutiveFailures
            runs = [((detail.isEmpty ? "failing" : detail) + (count > 1 ? ", \(count) times in a row" : ""), .warn)]
        }
        if let latency = health.usualLatency, health.verdict == .passing {
            runs.append((" \(TimeText.stepped(latency))", .plain))
        }
        return labelled("probe", runs + [("  " + health.probe, .dim)])
    }

    var dependencyLine: StyledLine {
        let runs = service.dependencies.flatMap { dependency -> [StyledLine.Run] in
            named(dependency.service) + [
                (dependency.condition == .healthy ? "  " : " (\(dependency.condition.short))  ", .dim)
            ]
        }
        return labelled("needs", runs.isEmpty ? [("nothing", .dim)] : runs)
    }

    var dependentLine: StyledLine {
        let runs = service.dependents.flatMap { named($0) + [("  ", .plain)] }
        return labelled("used by", runs.isEmpty ? [("nothing", .dim)] : runs)
    }

    var commandLine: StyledLine { labelled("command", [(service.command, .plain)]) }

    var folderLine: StyledLine { labelled("folder", [(service.workingDirectory, .plain)]) }

    var exitLine: StyledLine? {
        service.lastTermination.map { end in
            let isBad = end != .exited(code: 0)
            return labelled("last end", [(end.description, isBad ? .warn : .plain)])
        }
    }

    private func named(_ name: ServiceName) -> [StyledLine.Run] {
        let found = state.snapshot?.services.first { $0.name == name }
        guard let found else { return [("\(name) ?", .dim)] }
        let look = StateText(found, glyphs: state.glyphs)
        return [("\(name) ", .plain), (look.glyph, look.style)]
    }

    /// One trend with its present value.
    func trendLine(_ label: String, _ values: [Double?], now: String, width: Int) -> StyledLine {
        labelled(
            label,
            [
                (state.glyphs.fit(now, to: 7, alignment: .right) + "  ", .plain),
                (
                    Sparkline.render(
                        values: values,
                        width: min(values.count, 60, max(0, width - 20)),
                        glyphs: state.glyphs
                    ), .accent
                ),
            ]
        )
    }

    func trendLines(width: Int) -> [StyledLine] {
        let figures = service.figures
        let percent = NumberText.percent(figures.errorRatio)
        return [
            trendLine("cpu %", figures.cpuHistory, now: NumberText.cpu(figures.cpuPercent), width: width),
            trendLine("memory", figures.memoryHistory, now: NumberText.bytes(figures.memoryBytes), width: width),
            trendLine("rps", figures.rpsHistory, now: NumberText.short(figures.rps), width: width),
            trendLine("p95", figures.p95History, now: TimeText.latency(figures.p95Seconds), width: width),
            trendLine("errors %", figures.errorHistory, now: percent, width: width),
        ]
    }

    /// Newest last, as in the Logs pane.
    var logLines: [StyledLine] {
        (state.data.logs(.serviceLogs)?.records ?? []).filter { $0.service == service.id }.map { record in
            LogLineText(record, state).compact(showsService: false)
        }
    }

    /// Newest first.
    var eventLines: [StyledLine] {
        state.data.events(.serviceEvents).filter { $0.service == service.id }.reversed().map { event in
            let mark = event.mark(state.glyphs)
            return StyledLine([
                (clock.seconds(event.time) + " ", .dim), (mark.text + " ", mark.style), (event.message, .plain),
            ])
        }
    }
}

extension Dependency.Condition {
    /// Without docker compose's prefix.
    var short: String {
        switch self {
        case .started: "started"
        case .healthy: "healthy"
        case .completedSuccessfully: "completed"
        case .completed: "ended"
        case .logReady: "log"
        }
    }
}
