internal import CPlatform
package import FleetModel

/// How a `LocalProcessHost` is set up.
package struct HostSettings: Sendable {
    /// Log segments and leases go below it.
    package var stateDirectory: String
    /// Tells this run's processes from those of any other; letters, digits, `-`.
    package var runID: String
    /// What children inherit.
    package var inheritedEnvironment: [String: String] = HostSettings.inheritable(
        from: ChildEnvironment.ofThisProcess
    )
    /// The executable and the words in front of the guardian's orders: `[…/fleet, guardian]`. Empty = no guardian.
    package var guardianCommand: [String] = []
    package var guardianOrders: GuardianOrders
    /// Reap every child of this process. False where others (a test framework, Foundation) start children too.
    package var reapsUnknownChildren = true
    /// Drain threads; a service always stays with one of them.
    package var drainThreads = 2
    /// How long the leftovers of an earlier process may keep a port before that is a reason not to start.
    package var lingeringLimit: Duration = .seconds(15)
    /// What a stranger that has a port gets between SIGTERM and SIGKILL, and once more after that.
    package var endPatience: Duration = .seconds(2)
    package var wallTime: @Sendable () -> Timestamp = { Timestamp(nanoseconds: fleet_wall_nanoseconds()) }
    /// The disk does not take a service's output any more. Once per service and outage; called on a drain thread.
    package var storageTrouble: @Sendable (ServiceID, String) -> Void = { _, _ in }

    package init(stateDirectory: String, runID: String) {
        self.stateDirectory = stateDirectory
        self.runID = runID
        guardianOrders = GuardianOrders(stateDirectory: stateDirectory, runID: runID)
    }

    /// Of an engine's environment all but what was said to us alone: a service manager's sockets (sd_notify(3),
    /// sd_listen_fds(3)), which a service would answer in our name, and the size of our terminal.
    static func inheritable(from environment: [String: String]) -> [String: String] {
        let ours: Set = [
            "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID", "COLUMNS",
            "LINES",
        ]
        return environment.filter { !ours.contains($0.key) }
    }
}
