import CellGrid
import FleetAPI
import FleetModel

// MARK: Whom it is about

extension ConsoleState {
    /// Services with the number of their instances, in the order of the manifest.
    var serviceCounts: [(name: ServiceName, count: Int)] {
        var counts: [(name: ServiceName, count: Int)] = []
        for service in snapshot?.services ?? [] {
            if let place = counts.firstIndex(where: { $0.name == service.name }) {
                counts[place].count += 1
            } else {
                counts.append((service.name, 1))
            }
        }
        return counts
    }

    func instances(of name: ServiceName) -> [ServiceSnapshot] { snapshot?.services.filter { $0.name == name } ?? [] }

    /// The named instance, or the one under the cursor; says so when there is none.
    mutating func oneTarget(_ argument: String) -> ServiceSnapshot? {
        let found = argument.isEmpty ? focusedService : services(named: argument).first
        if let service = found.flatMap({ snapshot?[$0] }) { return service }
        message =
            argument.isEmpty
            ? Message(.warning, "no service is selected") : Message(.failure, "no service is called \(argument)")
        return nil
    }
}

// MARK: Actions

extension ConsoleState {
    /// `nil` when the action is none of these.
    mutating func runOperation(_ action: Action, _ argument: String) -> [ConsoleEffect]? {
        switch action {
        case .scale: return scale(argument)
        case .reload:
            openReload()
            return []
        case .connect: return connect(argument)
        case .resumeWatch: return resumeWatch(argument)
        case .portMenu, .endPortOwner, .movePort, .retryPort: return runPort(action, argument)
        case .showHistory: openPage(of: argument, .history)
        case .showEnvironment: openPage(of: argument, .environment)
        case .revealSecrets: toggleSecrets()
        default: return nil
        }
        return []
    }

    mutating func operate(_ operations: [EngineOperation]) -> [ConsoleEffect] {
        if let first = operations.first {
            let more = operations.count > 1 ? " and \(operations.count - 1) more" : ""
            message = Message(.note, first.sentence + more + glyphs.ellipsis)
        }
        return operations.map { .operate($0) }
    }

    private mutating func connect(_ argument: String) -> [ConsoleEffect] {
        guard let service = oneTarget(argument) else { return [] }
        guard service.hasTerminal else {
            message = Message(.warning, "\(service.id) has no terminal; `tty: true` in the manifest gives it one")
            return []
        }
        guard service.state.isAlive else {
            message = Message(.warning, "\(service.id) does not run")
            return []
        }
        return [.connect(service.id)]
    }

    private mutating func resumeWatch(_ argument: String) -> [ConsoleEffect] {
        guard let service = oneTarget(argument) else { return [] }
        guard let watch = service.watch else {
            message = Message(.note, "no files are watched for \(service.id)")
            return []
        }
        guard watch.suspension != nil else {
            message = Message(.note, "the watch of \(service.id) is not suspended")
            return []
        }
        return operate([.resumeWatch(service.name.rawValue)])
    }
}

// MARK: Answers

extension ConsoleState {
    mutating func report(_ operation: EngineOperation, _ answer: OperationAnswer) {
        switch answer {
        case .outcome(let outcome):
            let text =
                outcome.messages.isEmpty
                ? (outcome.succeeded ? "done" : "failed") : outcome.messages.joined(separator: "; ")
            message = Message(outcome.succeeded ? .success : .failure, "\(operation.sentence): \(text)")
        case .reload(let answer): message = Self.message(about: answer)
        }
    }
}
