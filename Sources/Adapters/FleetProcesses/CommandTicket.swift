internal import FleetModel
internal import Synchronization

/// A command that runs.
struct CommandTicket: Sendable {
    enum End: Sendable {
        case ended(Termination)
        case timedOut
        case calledOff
    }

    let pid: Int32
    /// In the environment of everything that it starts, as `FLEET_COMMAND`.
    let tag: String
    /// The same where no program clears it.
    let mark: LifeMark
    let capture: OutputCapture
    let result: OneResult<End>

    /// Nobody wants its outcome any more.
    func callOff() { result.resolve(.calledOff) }

    /// Cancelling the caller calls it off.
    func end(within timeout: Duration) async -> End {
        let timer = Task {
            try await Task.sleep(for: timeout)
            result.resolve(.timedOut)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await result.value
        } onCancel: {
            callOff()
        }
    }
}

/// A result that one party waits for and whoever is first gives.
final class OneResult<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case resolved(Value)
    }

    private let state = Mutex(State.empty)

    func resolve(_ value: Value) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .resolved: return nil
            case .empty:
                state = .resolved(value)
                return nil
            case .waiting(let continuation):
                state = .resolved(value)
                return continuation
            }
        }
        continuation?.resume(returning: value)
    }

    /// Awaited once.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let resolved = state.withLock { state -> Value? in
                    if case .resolved(let value) = state { return value }
                    state = .waiting(continuation)
                    return nil
                }
                if let resolved { continuation.resume(returning: resolved) }
            }
        }
    }
}
