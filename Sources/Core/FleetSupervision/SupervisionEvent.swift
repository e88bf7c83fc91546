package import FleetModel

/// Everything that the machine can be told. Whatever concerns one life carries its incarnation; news about an earlier
/// life is ignored.
package enum SupervisionEvent: Sendable, Equatable {
    /// `names` nil = every enabled service that is missing; a finished job is not run again. Naming a service starts
    /// it even when it is disabled. Without `includingDependencies`, dependencies that nobody wants up are not waited for.
    case startAll(names: [ServiceID]?, includingDependencies: Bool)
    /// `withDependents` stops what depends on them first.
    case stop([ServiceID], withDependents: Bool)
    /// Dependents that ask for it (`restart: true`) follow in any case; `withDependents` takes all of them.
    case restart([ServiceID], withDependents: Bool)
    /// A signal from the operator. It changes nothing about what is wanted: a service that dies of it comes back as
    /// its restart policy says.
    case kill([ServiceID], signal: Int32)
    /// Everything, in reverse dependency order; with `kill` at once and by SIGKILL, also when a shutdown runs already.
    case shutDown(kill: Bool)
    case spawned(ServiceID, Incarnation, ProcessID)
    /// `isBlocked`: the world may change (a taken port, a missing binary), so it is tried again by itself.
    case spawnFailed(ServiceID, Incarnation, reason: String, isBlocked: Bool)
    /// The leader was reaped; children may still live.
    case exited(ServiceID, Incarnation, Termination)
    /// Nothing of that life is left.
    case treeEmptied(ServiceID, Incarnation)
    /// Answer to the effect `probe`. For a `log` check a pass may also come unasked, when the line appears.
    case probed(ServiceID, Incarnation, ProbeRole, passed: Bool, detail: String, latency: Duration)
    case preStopFinished(ServiceID, Incarnation)
    /// `nextDeadline` has come. Sending it early or often is harmless.
    case tick
}

/// What the engine has to do. Effects never wait for each other.
package enum SupervisionEffect: Sendable, Equatable {
    /// Answer with `spawned` or `spawnFailed`.
    case spawn(ServiceID, Incarnation)
    case signal(ServiceID, Incarnation, Int32, StopPolicy.Scope)
    /// Answer with `preStopFinished`, whatever came of it.
    case runPreStop(ServiceID, Incarnation)
    /// Ask once, now; answer with `probed`. The machine schedules every single probe. A `log` check is answered at once:
    /// passed when a line of this life has matched already.
    case probe(ServiceID, Incarnation, ProbeRole)
    /// One line for the events, and for the log pane when a service is named.
    case record(ServiceID?, FleetEvent.Kind, FleetEvent.Severity, String)
}
