import ArgumentParser
import FleetAPI
import FleetModel

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until services are ready, healthy or have exited; for scripts and CI.",
        discussion: """
            ready: the readiness gate has passed, or there is none. healthy: the same, and the last probe passed. \
            exited: the process has ended and will not be restarted; the status is 0 when every service succeeded, else 1.
            """
    )

    @Argument(help: "Service or instance names; none = all that are wanted.", completion: .services)
    var services: [String] = []
    @Option(name: .customLong("for"), help: "What to wait for: ready, healthy or exited.") var goal = WaitGoal.ready
    @Option(help: "How long to wait; status 124 after that.") var timeout = DurationArgument(.seconds(120))
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        let watch = SnapshotWatch(client: client, patience: timeout.value)
        let arrival = Arrival(goal: goal, names: services)
        guard let verdict = try await watch.first({ snapshot throws(Failure) in try arrival.verdict(in: snapshot) })
        else { return try await giveUp(client, arrival) }
        say(verdict)
        guard verdict.causes.isEmpty else { throw Failure.silent(1) }
    }

    private func say(_ verdict: Arrival.Verdict) {
        if output.json {
            Terminal.say(verdict.json.text)
            return
        }
        for cause in verdict.causes { Terminal.complain(cause) }
        guard goal == .exited else { return }
        for service in verdict.services {
            Terminal.say("\(service.id)  \(service.lastTermination.map(\.description) ?? "never ran")")
        }
    }

    private func giveUp(_ client: any EngineClient, _ arrival: Arrival) async throws {
        let snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
        var sentences: [String] = []
        for service in try arrival.missing(in: snapshot).prefix(5) {
            sentences.append((try? await client.why(service.id.rawValue))?.sentence ?? "\(service.id)")
        }
        throw Failure.timedOut(
            "not there after \(TimeText.duration(timeout.value)): \(sentences.joined(separator: "; "))"
        )
    }
}

enum WaitGoal: String, ExpressibleByArgument, CaseIterable, Sendable {
    case ready
    case healthy
    case exited
}

/// When the chosen services are where somebody waits for them to be.
struct Arrival: Sendable {
    struct Verdict: Sendable {
        var services: [ServiceSnapshot]
        /// The first causes of a failure; empty = all is well.
        var causes: [String]

        var json: JSON {
            .object([
                ("ok", .bool(causes.isEmpty)),
                (
                    "services",
                    .array(
                        services.map {
                            .object([
                                ("name", .string($0.id.rawValue)), ("state", .string($0.state.rawValue)),
                                ("exit_status", .optional($0.lastTermination.map { Int($0.shellStatus) })),
                                ("reason", .string($0.reason)),
                            ])
                        }
                    )
                ),
                ("messages", .array(causes.map(JSON.string))),
            ])
        }
    }

    let goal: WaitGoal
    let names: [String]

    /// `nil` while some service is still on its way.
    func verdict(in snapshot: FleetSnapshot) throws(Failure) -> Verdict? {
        let services = try chosen(in: snapshot)
        let causes = services.compactMap(cause)
        // A failure need not wait for the others, an exit code does.
        if goal != .exited, !causes.isEmpty { return Verdict(services: services, causes: causes) }
        return services.allSatisfy(hasArrived) ? Verdict(services: services, causes: causes) : nil
    }

    func missing(in snapshot: FleetSnapshot) throws(Failure) -> [ServiceSnapshot] {
        try chosen(in: snapshot).filter { !hasArrived($0) }
    }

    private func chosen(in snapshot: FleetSnapshot) throws(Failure) -> [ServiceSnapshot] {
        let services = try snapshot.instances(named: names)
        guard names.isEmpty else { return services }
        return goal == .exited
            ? services.filter { $0.state != .disabled && ($0.wanted == .up || $0.lastTermination != nil) }
            : services.filter { $0.wanted == .up }
    }

    private func hasArrived(_ service: ServiceSnapshot) -> Bool {
        switch goal {
        case .ready: service.state.isReady || service.state == .exited
        case .healthy:
            service.state == .exited
                || (service.state.isReady && (service.health.probe.isEmpty || service.health.verdict == .passing))
        case .exited: hasEnded(service)
        }
    }

    private func hasEnded(_ service: ServiceSnapshot) -> Bool {
        switch service.state {
        case .exited, .failed, .skipped: true
        case .idle, .disabled: service.lastTermination != nil
        default: false
        }
    }

    /// Why it will not get there by itself.
    private func cause(_ service: ServiceSnapshot) -> String? {
        let reason = service.reason.isEmpty ? "" : ": \(service.reason)"
        switch service.state {
        case .failed, .skipped: return "\(service.id) \(service.state.rawValue)\(reason)"
        case .blocked where goal != .exited: return "\(service.id)\(reason.isEmpty ? " blocked" : reason)"
        default: return goal != .exited && service.isCrashLooping ? "\(service.id) crash-loops\(reason)" : nil
        }
    }
}
