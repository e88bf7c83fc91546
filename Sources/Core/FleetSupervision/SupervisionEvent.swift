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
    case spawnFailed(ServiceID, Incarnation, reason: String, isBlocked: Bool, conflict: PortConflict? = nil)
    /// A life of an earlier engine that was found running and taken over; `age`: since its start. `changed`: the fields
    /// in which the manifest says something else than what it was launched with, and that need a new process.
    case adopted(ServiceID, Incarnation, ProcessID, age: Duration, changed: [String] = [])
    /// How many replicas are wanted from now on. The highest go first; names that exist are kept.
    case scale(ServiceName, Int)
    /// The manifest as it is from now on, with what a restart needs, as `ReloadPlan` says.
    case reload(Fleet)
    /// What the service said on its notification socket.
    case notified(ServiceID, Incarnation, NotifyMessage)
    /// A watch rule of this service fired: `cause` names the first file. `exec` actions never reach the machine.
    case watched(ServiceName, WatchRule.Action, cause: String)
    /// A job's time has come.
    case scheduled(ServiceName)
    /// The tree of this life uses more than it may. Bytes.
    case memoryExceeded(ServiceID, Incarnation, used: Int, limit: Int)
    /// Answer to `inspectPorts`: the first declared port that somebody else listens on.
    case portsInspected(ServiceID, Incarnation, PortConflict?)
    /// Answer to `runBuild`.
    case buildFinished(ServiceID, passed: Bool, detail: String)
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
    /// A spawn that has not been answered is not wanted any more; answer it at once, with `spawnFailed` if it can be.
    case callOffLaunch(ServiceID, Incarnation)
    case signal(ServiceID, Incarnation, Int32, StopPolicy.Scope)
    /// Answer with `preStopFinished`, whatever came of it.
    case runPreStop(ServiceID, Incarnation)
    /// Ask once, now; answer with `probed`. The machine schedules every single probe. A `log` check is answered at once:
    /// passed when a line of this life has matched already.
    case probe(ServiceID, Incarnation, ProbeRole)
    /// Does anybody else listen on a declared port? Asked when a life failed; answer with `portsInspected`.
    case inspectPorts(ServiceID, Incarnation)
    /// Runs the service's `build`; answer with `buildFinished`.
    case runBuild(ServiceID)
    /// Ends the build that runs on this one's behalf; `buildFinished` still comes.
    case callOffBuild(ServiceID)
    /// A life began, got ready or ended: replaces what is remembered of that incarnation. Moments, not wall time.
    case remember(ServiceID, LifeNote)
    /// One line for the events, and for the log pane when a service is named.
    case record(ServiceID?, FleetEvent.Kind, FleetEvent.Severity, String)
}

/// What is to be remembered of one life; the engine turns it into a `LifeRecord`.
package struct LifeNote: Sendable, Equatable {
    package var incarnation: Incarnation
    package var pid: ProcessID?
    package var startedAt: Moment
    package var readyAt: Moment?
    package var endedAt: Moment?
    package var termination: Termination?
    package var startCause: String
    package var endCause: String

    package init(incarnation: Incarnation, startedAt: Moment) {
        self.incarnation = incarnation
        self.startedAt = startedAt
        startCause = ""
        endCause = ""
    }
}
