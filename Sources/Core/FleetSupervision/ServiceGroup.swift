import FleetModel

/// What all replicas of one service share.
struct ServiceGroup: Sendable, Equatable {
    /// As the manifest says now.
    var spec: ServiceSpec
    /// Indices of its machines by replica, those included that are on their way out.
    var members: [Int] = []
    /// How many replicas are wanted at present; differs from the manifest after scaling.
    var replicas: Int
    /// The first replica carries the bare name, as the manifest asked for one at most when the service came to be.
    /// Scaling renames nobody.
    let isSingle: Bool
    var build = Build()
    /// No longer in the manifest; it goes with its last member.
    var isRemoved = false
    /// Its last member was wanted when it went, so that scaling up from nothing starts.
    var wasWanted = false

    /// The service's `build`. One at a time, and one more at most.
    struct Build: Sendable, Equatable {
        struct Order: Sendable, Equatable {
            /// The replica on whose behalf it runs.
            var id: ServiceID
            /// Why everybody is restarted when it has passed; nil for the build before the first start.
            var restartCause: String?
            /// Nobody wants the service any more; its result counts for nothing.
            var isCalledOff = false
        }

        var running: Order?
        var queued: Order?
        /// What it makes is there. False makes the next start build first.
        var isDone = false
    }

    init(_ spec: ServiceSpec) {
        self.spec = spec
        replicas = max(0, spec.replicas)
        isSingle = spec.replicas <= 1
    }

    var isEdited: Bool { !isRemoved && replicas != max(0, spec.replicas) }

    func id(_ replica: Int) -> ServiceID {
        replica == 1 && isSingle ? ServiceID(spec.name.rawValue) : ServiceID(spec.name, replica: replica, of: 2)
    }
}
