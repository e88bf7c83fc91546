package import FleetAPI

/// What the console asks of the engine besides starting and stopping: one request, one answer.
package enum EngineOperation: Hashable, Sendable {
    case scale(ScaleRequest)
    case reload
    case port(PortAction)
    /// A service or instance name.
    case resumeWatch(String)

    /// For the status line: `scale orders to 3`.
    package var sentence: String {
        switch self {
        case .scale(let request): "scale \(request.service) to \(request.replicas)"
        case .reload: "reload"
        case .port(let action):
            switch action.verb {
            case .endOwner: "end the owner of \(action.service)'s port"
            case .move: "another port for \(action.service)"
            case .retry: "try \(action.service) again"
            }
        case .resumeWatch(let service): "watch the files of \(service) again"
        }
    }
}

/// How the engine answered an `EngineOperation`.
package enum OperationAnswer: Hashable, Sendable {
    case outcome(CommandOutcome)
    case reload(ReloadAnswer)
}
