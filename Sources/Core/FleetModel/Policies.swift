/// When and how often a service that ended by itself is started again.
package struct RestartPolicy: Hashable, Sendable, Codable {
    package enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        case no
        case onFailure = "on-failure"
        case always
        case unlessStopped = "unless-stopped"
    }

    package var mode = Mode.no
    /// 0 = unlimited. Within `window` when that is set, else in a row.
    package var maxRestarts = 0
    package var window: Duration?
    package var backoff = Backoff()

    package init() {}
}

/// `delay = min(ceiling, initial · factor^n) · (1 ± jitter)`.
package struct Backoff: Hashable, Sendable, Codable {
    package var initial: Duration = .milliseconds(500)
    package var factor = 2.0
    package var ceiling: Duration = .seconds(30)
    /// A fraction, 0…1.
    package var jitter = 0.1
    /// After this long in running or ready a crash counts as a first failure again.
    package var resetAfter: Duration = .seconds(10)

    package init() {}
}

package struct StopPolicy: Hashable, Sendable, Codable {
    package enum Scope: String, Hashable, Sendable, Codable, CaseIterable {
        /// Everything in the service's session, strays included.
        case session
        /// The leader's process group.
        case group
        /// The leader alone; its children are left.
        case main
    }

    package var signal: Int32 = 15
    /// From the stop signal to SIGKILL.
    package var gracePeriod: Duration = .seconds(10)
    /// Run before the signal, in the service's environment; given 10 s.
    package var preStop: [String]?
    package var scope = Scope.session
    package var leftovers = Leftovers.kill

    /// What becomes of the processes that a leader leaves behind when it ends by itself.
    package enum Leftovers: String, Hashable, Sendable, Codable, CaseIterable {
        case kill
        /// They are the service from then on, if the leader succeeded: for commands that put themselves into the
        /// background.
        case keep
    }

    package init() {}
}

/// One probe of a service: what is asked, how often, and what counts.
package struct ProbeSpec: Hashable, Sendable, Codable {
    package enum Check: Hashable, Sendable, Codable {
        /// Exit status 0 passes. Runs in the service's environment and folder.
        case test(CommandLine)
        case http(HTTPCheck)
        case tcp(host: String, port: Int)
        /// A line of the service's output matches this regular expression (POSIX extended syntax); passes once per life.
        case log(pattern: String)
        /// The gRPC health checking protocol (grpc.health.v1.Health/Check), over HTTP/2 in clear text.
        case grpc(host: String, port: Int, service: String)
        /// `READY=1` on the service's notification socket (sd_notify(3)); passes once per life.
        case notify
        /// Every declared TCP port has a listener that belongs to the service.
        case listen
    }

    package struct HTTPCheck: Hashable, Sendable, Codable {
        package var scheme = "http"
        package var host = "127.0.0.1"
        package var port: Int
        package var path = "/"
        package var method = "GET"
        package var headers: [String: String] = [:]
        /// Statuses that pass; inclusive.
        package var statuses: [ClosedRange<Int>] = [200...399]

        package init(port: Int) { self.port = port }
    }

    package var check: Check
    package var interval: Duration = .seconds(10)
    package var timeout: Duration = .seconds(2)
    /// Failures in a row that count as failed.
    package var retries = 3
    /// Passes in a row that count as passed.
    package var successes = 1
    /// Failures during this time after the spawn do not count.
    package var startPeriod: Duration = .seconds(30)
    /// Used instead of `interval` until the first pass.
    package var startInterval: Duration = .milliseconds(500)

    package init(check: Check) { self.check = check }
}

/// Kubernetes' three roles: `startup` suspends the others until it passes; `readiness` opens gates and never kills;
/// `liveness` restarts.
package struct ProbeSet: Hashable, Sendable, Codable {
    package var startup: ProbeSpec?
    package var readiness: ProbeSpec?
    package var liveness: ProbeSpec?

    package init() {}

    package subscript(role: ProbeRole) -> ProbeSpec? {
        switch role {
        case .startup: startup
        case .readiness: readiness
        case .liveness: liveness
        }
    }
}

package enum ProbeRole: String, Hashable, Sendable, Codable, CaseIterable {
    case startup
    case readiness
    case liveness
}
