package import FleetModel

/// An endless sequence of faults for a running fleet: the same for the same seed, so that a storm can be repeated.
package struct ChaosPlan: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// SIGKILL to the process that was started for the service.
        case kill
        /// SIGKILL to any process of its tree.
        case member
        /// SIGSTOP to its tree, SIGCONT after `Step.hold`.
        case pause
        /// As the operator restarts it.
        case restart
        /// Another number of replicas, and the old one after `Step.hold`.
        case scale
        case reload
        /// SIGKILL to the process that cleans up after the engine.
        case guardian
        /// SIGKILL to the engine, which is then started again.
        case engine
        /// SIGKILL to a client that follows the fleet as a console does.
        case console

        /// It befalls one service.
        package var hasTarget: Bool {
            switch self {
            case .kill, .member, .pause, .restart, .scale: true
            case .reload, .guardian, .engine, .console: false
            }
        }

        /// Nobody brings a service back from it that the manifest does not restart.
        package var needsRestarts: Bool { self == .kill || self == .member }

        /// Of how long it lasts.
        fileprivate var hold: ClosedRange<Duration> {
            switch self {
            case .pause: .milliseconds(100) ... .seconds(2)
            case .scale: .milliseconds(500) ... .seconds(3)
            default: .zero ... .zero
            }
        }
    }

    package struct Target: Hashable, Sendable {
        package var service: ServiceName
        /// The manifest brings it back when it dies.
        package var isRestarted: Bool

        package init(_ service: ServiceName, isRestarted: Bool = true) {
            self.service = service
            self.isRestarted = isRestarted
        }
    }

    package struct Step: Hashable, Sendable {
        /// From the beginning; never less than that of the step before.
        package var at: Duration
        package var kind: Kind
        /// `nil` when it befalls the whole fleet.
        package var service: ServiceName?
        /// Chooses among what is there at that moment: replicas, processes, numbers.
        package var draw: UInt64
        package var hold: Duration
    }

    /// One kind's own sequence, so that adding another kind leaves it as it is.
    private struct Lane: Hashable, Sendable {
        var kind: Kind
        var interval: Duration
        var targets: [ServiceName]
        var random: ChaosRandom
        var next: Duration
    }

    private var lanes: [Lane]

    /// - Parameters:
    ///   - seed: the same one gives the same faults.
    ///   - intervals: how often each kind happens on average; a gap is between half and one and a half times that. A kind
    ///     without one, with less than a millisecond or without a target never happens.
    ///   - targets: in any order.
    package init(seed: UInt64, intervals: [Kind: Duration], targets: [Target]) {
        let sorted = targets.sorted { $0.service < $1.service }
        lanes = Kind.allCases.enumerated().compactMap { index, kind in
            guard let interval = intervals[kind], interval >= .milliseconds(1) else { return nil }
            let fitting = sorted.filter { $0.isRestarted || !kind.needsRestarts }.map(\.service)
            guard !kind.hasTarget || !fitting.isEmpty else { return nil }
            var random = ChaosRandom(state: seed &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15)
            // Seeds that are neighbours must not give neighbouring sequences.
            random.state = random.next()
            var lane = Lane(kind: kind, interval: interval, targets: fitting, random: random, next: .zero)
            lane.next = lane.random.duration(in: .zero...interval)
            return lane
        }
    }

    /// `nil` when there is nothing that could happen.
    package mutating func next() -> Step? {
        guard let index = lanes.indices.min(by: { lanes[$0].next < lanes[$1].next }) else { return nil }
        var lane = lanes[index]
        defer { lanes[index] = lane }
        let step = Step(
            at: lane.next,
            kind: lane.kind,
            service: lane.kind.hasTarget ? lane.random.pick(from: lane.targets) : nil,
            draw: lane.random.next(),
            hold: lane.random.duration(in: lane.kind.hold)
        )
        lane.next += lane.random.duration(in: lane.interval / 2...lane.interval / 2 * 3)
        return step
    }
}

extension ChaosPlan.Step {
    /// One of these, by the step's draw; `nil` of nothing.
    package func choose<Element>(from elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[Int(draw % UInt64(elements.count))]
    }
}

/// SplitMix64.
private struct ChaosRandom: Hashable, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func pick<Element>(from elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[Int(next() % UInt64(elements.count))]
    }

    mutating func duration(in range: ClosedRange<Duration>) -> Duration {
        let (low, high) = (range.lowerBound.wholeNanoseconds, range.upperBound.wholeNanoseconds)
        let span = UInt64(clamping: high &- low)
        guard span > 0 else { return range.lowerBound }
        return .nanoseconds(low &+ Int64(clamping: next() % span))
    }
}

/// What a fleet has to look like again when a storm is over: as it was before.
package struct ChaosGoal: Hashable, Sendable {
    /// By instance; only those that were well before are there.
    private var wanted: [ServiceID: Bool] = [:]
    private var known: Set<ServiceID> = []
    /// What was in trouble before, and is not expected to be well after.
    package private(set) var ailing: [ServiceID] = []

    /// - Parameter before: the fleet when nothing was done to it yet.
    package init(_ before: FleetSnapshot) {
        for service in before.services {
            known.insert(service.id)
            switch service.wanted {
            case .up where service.state.isReady || service.state == .exited: wanted[service.id] = true
            case .down where !service.state.isAlive: wanted[service.id] = false
            case .up, .down: ailing.append(service.id)
            }
        }
    }

    /// - Parameters:
    ///   - now: the fleet as it is.
    ///   - service: only this one; `nil` = all.
    /// - Returns: each instance that is not as it was, with the reason, by name.
    package func missing(in now: FleetSnapshot, of service: ServiceName? = nil) -> [Missing] {
        var missing: [Missing] = []
        var present: Set<ServiceID> = []
        for instance in now.services {
            present.insert(instance.id)
            guard service == nil || instance.name == service else { continue }
            if !known.contains(instance.id) {
                guard instance.state.isAlive || instance.wanted == .up else { continue }
                missing.append(Missing(instance.id, "was not there before"))
            } else if let isUp = wanted[instance.id], !isUp ? instance.state.isAlive : !Self.isWell(instance) {
                missing.append(Missing(instance.id, Self.text(instance)))
            }
        }
        for (id, isUp) in wanted where isUp && !present.contains(id) && service == nil {
            missing.append(Missing(id, "is not there any more"))
        }
        return missing.sorted { $0.instance < $1.instance }
    }

    /// A job that has run to its end is as well as a service that runs.
    private static func isWell(_ instance: ServiceSnapshot) -> Bool {
        instance.wanted == .up && (instance.state.isReady || instance.state == .exited)
    }

    private static func text(_ instance: ServiceSnapshot) -> String {
        let reason = instance.reason.isEmpty ? "" : ": \(instance.reason)"
        return "is \(instance.state.rawValue)\(reason)"
    }

    package struct Missing: Hashable, Sendable {
        package var instance: ServiceID
        package var reason: String

        init(_ instance: ServiceID, _ reason: String) {
            self.instance = instance
            self.reason = reason
        }
    }
}

/// How often one kind of fault happened, and how long the fleet took to get over it.
package struct ChaosTally: Hashable, Sendable {
    package private(set) var injected = 0
    /// Nothing was there that it could have befallen, or it was refused.
    package private(set) var missed = 0
    /// Sorted.
    package private(set) var recoveries: [Duration] = []

    package init() {}

    package mutating func inject() { injected += 1 }
    package mutating func miss() { missed += 1 }

    package mutating func recover(after duration: Duration) {
        let index = recoveries.firstIndex { $0 > duration } ?? recoveries.endIndex
        recoveries.insert(duration, at: index)
    }

    package var unrecovered: Int { max(0, injected - recoveries.count) }
    /// Of an even number the lower middle one; `nil` when nothing recovered.
    package var median: Duration? { recoveries.isEmpty ? nil : recoveries[(recoveries.count - 1) / 2] }
    package var worst: Duration? { recoveries.last }
}
