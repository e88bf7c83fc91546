import FleetAPI
import FleetModel

extension ConsoleState {
    mutating func runPort(_ action: Action, _ argument: String) -> [ConsoleEffect] {
        guard let service = oneTarget(argument) else { return [] }
        guard let conflict = service.portConflict else {
            message = Message(.note, "no port of \(service.id) is taken by somebody else")
            return []
        }
        let id = service.id.rawValue
        switch action {
        case .movePort: return operate([.port(PortAction(.move, service: id))])
        case .retryPort: return operate([.port(PortAction(.retry, service: id))])
        case .endPortOwner: askToEndOwner(conflict, of: service)
        default: overlays.append(.menu(MenuOverlay(kind: .port, service: service.id)))
        }
        return []
    }

    private mutating func askToEndOwner(_ conflict: PortConflict, of service: ServiceSnapshot) {
        guard let pid = conflict.pid else {
            message = Message(.warning, "nobody can tell who has port \(conflict.port): another user's process?")
            return
        }
        overlays.append(
            .confirm(
                ConfirmOverlay(
                    consent: .operate([.port(PortAction(.endOwner, service: service.id.rawValue, owner: pid))]),
                    title: "end pid \(pid) ?",
                    lines: [
                        conflict.command.isEmpty ? "its command is not known" : CleanText.line(conflict.command),
                        "listens on port \(conflict.port), which \(service.id) is to have.",
                        "It gets SIGTERM, and SIGKILL 2s later. It does not belong to this fleet.",
                    ],
                    verb: "End"
                )
            )
        )
    }
}

extension PortConflict {
    /// `pid 4711  nginx -g daemon off;`
    var ownerText: String {
        guard let pid else { return command.isEmpty ? "owner not known (another user's?)" : CleanText.line(command) }
        return "pid \(pid)" + (command.isEmpty ? "" : "  " + CleanText.line(command))
    }
}
