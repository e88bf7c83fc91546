package import FleetModel

/// Something an operator does to services. Empty `services` means all of them.
package struct ServiceCommand: Hashable, Sendable, Codable {
    package enum Verb: String, Hashable, Sendable, Codable, CaseIterable { case start, stop, restart, kill }

    package var verb: Verb
    /// Service names (all replicas) or instance names.
    package var services: [String]
    /// For `start`: also what they depend on. For `stop` and `restart`: also what depends on them.
    package var withRelated: Bool
    /// For `kill`.
    package var signal: Int32
    /// Answer only when the services have arrived: ready (start, restart), gone (stop, kill).
    package var wait: Bool
    /// Of that wait.
    package var timeout: Duration?

    package init(
        _ verb: Verb,
        _ services: [String],
        withRelated: Bool = false,
        signal: Int32 = 9,
        wait: Bool = false,
        timeout: Duration? = nil
    ) {
        self.verb = verb
        self.services = services
        self.withRelated = withRelated
        self.signal = signal
        self.wait = wait
        self.timeout = timeout
    }
}

package struct ShutdownRequest: Hashable, Sendable, Codable {
    /// SIGKILL at once.
    package var kill: Bool
    package var timeout: Duration?

    package init(kill: Bool = false, timeout: Duration? = nil) {
        self.kill = kill
        self.timeout = timeout
    }
}

package struct CommandOutcome: Hashable, Sendable, Codable {
    package var succeeded: Bool
    /// Empty, or one sentence per thing worth saying: the first cause of a failure, a survivor by pid and command.
    package var messages: [String]

    package init(succeeded: Bool, messages: [String] = []) {
        self.succeeded = succeeded
        self.messages = messages
    }
}

package struct WhyAnswer: Hashable, Sendable, Codable {
    package var service: String
    package var state: ServiceState
    /// One sentence: what it is waiting for, since when, and what would unblock it.
    package var sentence: String

    package init(service: String, state: ServiceState, sentence: String) {
        self.service = service
        self.state = state
        self.sentence = sentence
    }
}

package struct EventQuery: Hashable, Sendable, Codable {
    /// Only events of these services (or names); empty = all.
    package var services: [String]
    /// Only events with a greater sequence.
    package var after: Int
    /// The newest this many.
    package var limit: Int

    package init(services: [String] = [], after: Int = 0, limit: Int = 500) {
        self.services = services
        self.after = after
        self.limit = limit
    }
}
