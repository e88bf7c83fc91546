import CellGrid
import FleetAPI
import FleetModel

/// Input and state in, new state and effects out; the only place where the console changes.
package struct ConsoleReducer {
    package static func reduce(_ state: inout ConsoleState, _ input: ConsoleInput) -> [ConsoleEffect] {
        let before = state
        let effects = apply(input, to: &state)
        state.settle()
        if state != before { state.revision &+= 1 }
        return effects
    }

    private static func apply(_ input: ConsoleInput, to state: inout ConsoleState) -> [ConsoleEffect] {
        switch input {
        case .key(let key): return state.press(key)
        case .resized(let size): state.screen.size = size
        case .snapshot(let snapshot): state.receive(snapshot)
        case .connectionLost(let reason): return state.lose(reason)
        case .reconnected:
            state.fleet.connection = .live
            state.message = Message(.success, "connected again")
        case .loaded(let request, let value): state.accept(value, for: request)
        case .failed(let request, let error): state.reject(request, error)
        case .commandFinished(let command, let outcome): state.report(command, outcome)
        case .commandFailed(let command, let error):
            state.message = Message(.failure, "\(command.sentence): \(error.message)")
        case .operationFinished(let operation, let answer): state.report(operation, answer)
        case .operationFailed(let operation, let error):
            state.message = Message(.failure, "\(operation.sentence): \(error.message)")
        case .disconnected(let service, let trouble):
            state.message = trouble.isEmpty ? nil : Message(.failure, "connect \(service): \(trouble)")
        case .shutdownFinished(let outcome): state.report(shutdown: outcome)
        case .shutdownFailed(let error):
            state.departure = .staying
            state.message = Message(.failure, "stop all: \(error.message)")
        case .tick(let time): if time > state.fleet.now { state.fleet.now = time }
        }
        return []
    }
}

// MARK: The engine's news

extension ConsoleState {
    mutating func receive(_ snapshot: FleetSnapshot) {
        let isFirst = fleet.shown == nil
        if fleet.connection != .live { fleet.connection = .live }
        guard !fleet.isFrozen else {
            fleet.pending = snapshot
            return
        }
        fleet.shown = snapshot
        // The same change made once more is news again.
        if snapshot.pendingReload == nil { fleet.ignoredReload = nil }
        fleet.now = max(fleet.now, snapshot.time)
        if isFirst {
            // Whatever happened before the console opened is not news.
            fleet.seenEvent = snapshot.totals.newestEvent
            for service in snapshot.services { fleet.seenErrors[service.id] = service.errorLines }
        }
        look()
        settleOrder()
    }

    /// What is on the screen counts as seen.
    mutating func look() {
        guard let snapshot = fleet.shown else { return }
        if pane == .events { fleet.seenEvent = snapshot.totals.newestEvent }
        guard pane == .logs else { return }
        for service in snapshot.services where isLogShown(of: service.id) {
            fleet.seenErrors[service.id] = service.errorLines
        }
    }

    private func isLogShown(of service: ServiceID) -> Bool {
        panes.logs.onlyService ? selection.service == service : !panes.logs.hidden.contains(service)
    }

    mutating func lose(_ reason: String) -> [ConsoleEffect] {
        fleet.connection = .lost(reason)
        // Nothing that was said before is as important.
        message = nil
        guard case .stoppingFleet = departure else { return [] }
        departure = .leaving
        return [.leave]
    }

    mutating func accept(_ value: DataValue, for request: DataRequest) {
        guard !fleet.isFrozen || data[request.key]?.request.query != request.query else { return }
        // An answer to what is no longer asked would bring back an old filter.
        guard wants.contains(where: { $0.key == request.key && $0.query == request.query }) else { return }
        data.store(value, for: request, at: now)
        switch (request.key, value) {
        case (.logSeek, .logs(let page)): finishSeek(page)
        case (.logsBefore, .logs), (.logsAfter, .logs): settleLogs()
        case (.traces, .traces(let page)): settleTraces(page)
        case (.serviceMap, .serviceMap(let map)): settleMap(map)
        default: break
        }
    }

    mutating func reject(_ request: DataRequest, _ error: EngineError) {
        guard wants.contains(where: { $0.key == request.key && $0.query == request.query }) else { return }
        data.fail(request, error, at: now)
        if request.key == .logSeek {
            panes.logs.seek = nil
            message = Message(.failure, error.message)
        }
    }

    mutating func report(_ command: ServiceCommand, _ outcome: CommandOutcome) {
        guard !outcome.succeeded || !outcome.messages.isEmpty else { return accept(order: command) }
        fleet.order = nil
        let text = outcome.messages.isEmpty ? "failed" : outcome.messages.joined(separator: "; ")
        message = Message(outcome.succeeded ? .success : .failure, "\(command.sentence): \(text)")
    }

    mutating func report(shutdown outcome: CommandOutcome) {
        guard !outcome.succeeded else { return }
        departure = .staying
        message = Message(.failure, "stop all: " + (outcome.messages.first ?? "failed"))
    }
}
