package import FleetModel

/// What is known of one instance; equal as long as nothing worth showing has changed.
package struct InstanceStatus: Sendable, Equatable {
    package var id: ServiceID
    package var service: ServiceName
    /// 1-based.
    package var replica: Int
    package var state: ServiceState
    package var wanted: WantedState
    package var incarnation: Incarnation
    package var pid: ProcessID?
    /// Restarts that were not asked for.
    package var restarts: Int
    /// When the current life began; nil without a life.
    package var startedAt: Moment?
    /// When `state` was entered.
    package var since: Moment
    /// One sentence without ages, so that it only changes with its meaning. Empty when all is well.
    package var reason: String
    /// In `backoff` and `blocked`: when the next attempt is due; in `stopping`: when the next, harder step is.
    package var restartAt: Moment?
    package var lastTermination: Termination?
    package var health: HealthSnapshot
    /// Three failures or more in a row without a stable life in between.
    package var isCrashLooping: Bool
    /// Unasked restarts in a row.
    package var attempt: Int
    /// `STATUS=` of sd_notify(3).
    package var statusText = ""
    /// Differs from the manifest: scaled or moved while running.
    package var isEdited = false
    package var portConflict: PortConflict?
}
