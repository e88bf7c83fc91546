package import CellGrid
package import FleetAPI
package import FleetModel

/// Everything that can happen to the console.
package enum ConsoleInput: Sendable {
    case key(Key)
    case resized(Size)
    case snapshot(FleetSnapshot)
    /// The engine went away; the text says how.
    case connectionLost(String)
    case reconnected
    case loaded(DataRequest, DataValue)
    case failed(DataRequest, EngineError)
    case commandFinished(ServiceCommand, CommandOutcome)
    case commandFailed(ServiceCommand, EngineError)
    case operationFinished(EngineOperation, OperationAnswer)
    case operationFailed(EngineOperation, EngineError)
    /// The terminal came back from a service; the text says why it could not be shown, empty when it was.
    case disconnected(ServiceID, String)
    /// A request to stop everything was answered, or could not be carried out.
    case shutdownFinished(CommandOutcome)
    case shutdownFailed(EngineError)
    /// The wall clock; once a second is enough.
    case tick(Timestamp)
}

/// What the app does for the console. The reducer never does anything itself.
package enum ConsoleEffect: Hashable, Sendable {
    case perform(ServiceCommand)
    case shutDown(ShutdownRequest)
    case operate(EngineOperation)
    /// Give the whole terminal to a service until the operator comes back.
    case connect(ServiceID)
    /// End the console; the fleet is not touched.
    case leave
    case copy(String)
    case bell
    case setMouse(Bool)
    /// Stop the process as Ctrl-z does.
    case suspend
    /// Forget what the terminal shows and draw everything.
    case redraw
}
