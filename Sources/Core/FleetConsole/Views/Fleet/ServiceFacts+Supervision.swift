import CellGrid
import FleetModel

// What supervision knows beside state and probes; each line only when there is something to say.
extension ServiceFacts {
    /// In its own words (`STATUS=` of sd_notify(3)).
    var statusLine: StyledLine? {
        guard !service.statusText.isEmpty else { return nil }
        return labelled("says", [(CleanText.line(service.statusText), .accent)])
    }

    var conflictLine: StyledLine? {
        guard let conflict = service.portConflict else { return nil }
        return labelled(
            "taken",
            [
                ("port \(conflict.port) by \(conflict.ownerText)", .fail), ("  p", .key), (" what to do", .dim),
            ]
        )
    }

    /// One line per port, because an owner may stand beside it.
    var portLines: [StyledLine] {
        let longest = min(16, service.ports.map { TextWidth.of($0.name) }.max() ?? 0)
        return service.ports.prefix(40).enumerated().map { index, port in
            var runs: [StyledLine.Run] = [
                (state.glyphs.fit(port.name, to: longest) + "  ", .plain),
                ("\(port.host):\(port.number)/\(port.transport.rawValue)", .accent),
            ]
            if port.isAllocated { runs.append(("  chosen by fleet", .dim)) }
            if port.isPassed { runs.append(("  fleet listens and hands it over", .dim)) }
            if let conflict = service.portConflict, conflict.port == port.number {
                runs.append(("  taken by \(conflict.ownerText)", .fail))
                runs += [("  p", .key), (" what to do", .dim)]
            }
            return labelled(index == 0 ? "ports" : "", runs)
        }
    }

    var watchLine: StyledLine? {
        guard let watch = service.watch else { return nil }
        let caused = "  \(watch.triggers) reaction\(watch.triggers == 1 ? "" : "s") so far"
        guard let why = watch.suspension else { return labelled("watch", [("watching", .ok), (caused, .dim)]) }
        return labelled(
            "watch",
            [
                ("suspended: \(CleanText.line(why))", .warn.bold()), (caused, .dim), ("  W", .key),
                (" watches again", .dim),
            ]
        )
    }

    var scheduleLine: StyledLine? {
        guard let next = service.nextRunAt else {
            return service.kind == .job ? labelled("job", [("runs when it is started", .dim)]) : nil
        }
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        let isFar = state.now.distance(to: next) >= .seconds(86_400)
        return labelled(
            "job",
            [
                ("next run in \(TimeText.countdown(from: state.now, to: next))", .plain),
                ("  at \(isFar ? clock.dated(next) : clock.seconds(next))", .dim),
            ]
        )
    }

    var resourceLine: StyledLine? {
        guard let limit = service.memoryLimit, limit > 0 else { return nil }
        guard let used = service.figures.memoryBytes else {
            return labelled("limit", [("\(NumberText.bytes(limit)) of memory", .plain)])
        }
        let share = Double(used) / Double(limit)
        let style: Style = share >= 0.95 ? .fail : share >= 0.8 ? .warn : .plain
        let percent = NumberText.fixed(min(9.99, max(0, share)) * 100, 0)
        return labelled(
            "limit",
            [
                ("\(NumberText.bytes(used)) of \(NumberText.bytes(limit)) memory, \(percent)%", style),
                ("  restarted above it", .dim),
            ]
        )
    }

    var editLine: StyledLine? {
        guard service.isEdited else { return nil }
        return labelled("~", [("differs from the manifest: scaled or moved while running", .accent)])
    }

    /// The other instances of the same service.
    var replicaLine: StyledLine? {
        let all = state.instances(of: service.name)
        guard all.count > 1 else { return nil }
        let ready = all.count(where: \.state.isReady)
        var runs: [StyledLine.Run] = [("\(ready) of \(all.count) ready ", ready == all.count ? .ok : .warn)]
        for instance in all.prefix(32) {
            let look = StateText(instance, glyphs: state.glyphs)
            runs.append((" \(look.glyph)", look.style))
        }
        return labelled("replicas", runs)
    }

    var terminalLine: StyledLine? {
        guard service.hasTerminal else { return nil }
        return labelled("terminal", [(":connect", .key), (" shows it; Ctrl-] comes back", .dim)])
    }

    /// All of them, the urgent ones first.
    var supervisionLines: [StyledLine] {
        [statusLine, replicaLine, scheduleLine, watchLine, resourceLine, editLine, terminalLine].compactMap(\.self)
    }
}
