import FleetModel

/// What only shows when all services are seen together.
struct CrossCheck {
    let services: [PlacedService]
    let findings: Findings
    private let byName: [ServiceName: PlacedService]
    private let names: KnownNames

    /// Instances of all services together.
    static let instanceLimit = 5000

    init(_ services: [PlacedService], findings: Findings) {
        self.services = services
        self.findings = findings
        byName = Dictionary(services.map { ($0.spec.name, $0) }, uniquingKeysWith: { first, _ in first })
        names = KnownNames(services.map(\.spec.name.rawValue))
    }

    func run() {
        let isBounded = checkInstances()
        checkDependencies()
        checkCycles()
        if isBounded { checkPorts() }
        for service in services { checkLiveness(service) }
    }

    /// False when there are more than can be looked at one by one.
    private func checkInstances() -> Bool {
        var owners: [ServiceID: PlacedService] = [:]
        var count = 0
        for service in services {
            count += service.spec.replicas
            guard count <= Self.instanceLimit else {
                findings.error(.badValue, at: service.place, "more than \(Self.instanceLimit) replicas in all")
                return false
            }
            for id in service.spec.instances {
                if let other = owners[id] {
                    let message =
                        "\"\(id)\" would name an instance of \"\(other.spec.name)\" and of \"\(service.spec.name)\""
                    findings.error(.duplicate, at: service.place, message)
                }
                owners[id] = service
            }
        }
        return true
    }

    private func checkDependencies() {
        for service in services {
            for dependency in service.dependencies { check(dependency, of: service.spec) }
        }
    }

    private func check(_ dependency: PlacedDependency, of spec: ServiceSpec) {
        let name = dependency.value.service
        guard let target = byName[name]?.spec else {
            let message = "\"\(spec.name)\" depends on \"\(name.rawValue.prefix(80))\", which does not exist"
            if dependency.value.isRequired {
                findings.error(.unknownName, at: dependency.place, message, hint: names.hint(name.rawValue))
            } else {
                findings.warning(.unknownName, at: dependency.place, message, hint: names.hint(name.rawValue))
            }
            return
        }
        checkCondition(dependency, of: spec, on: target)
        if dependency.value.isRequired, spec.isEnabled, !target.isEnabled {
            let message =
                "\"\(spec.name)\" depends on \"\(name)\", which is disabled: it is skipped until \"\(name)\" is started by name"
            findings.warning(.badValue, at: dependency.place, message)
        }
        if target.replicas == 0, dependency.value.isRequired, spec.isEnabled {
            findings.warning(
                .badValue,
                at: dependency.place,
                "\"\(spec.name)\" depends on \"\(name)\", which has no replicas"
            )
        }
    }

    /// Whether what is waited for can come to pass at all.
    private func checkCondition(_ dependency: PlacedDependency, of spec: ServiceSpec, on target: ServiceSpec) {
        let name = target.name
        switch dependency.value.condition {
        case .healthy where target.probes.readiness == nil && target.probes.startup == nil:
            findings.error(
                .missing,
                at: dependency.place,
                "\"\(spec.name)\" waits for \"\(name)\" to be healthy, but \"\(name)\" has no healthcheck",
                hint: "give it one, or use service_started"
            )
        case .logReady where !Self.hasLogProbe(target):
            findings.error(
                .missing,
                at: dependency.place,
                "\"\(spec.name)\" waits for a line of \"\(name)\", but \"\(name)\" has no probe with \"log\"",
                hint: "give it \"startup: {log: …}\""
            )
        case .completed, .completedSuccessfully:
            guard target.kind == .service, [.always, .unlessStopped].contains(target.restart.mode) else { return }
            let policy = target.restart.mode.rawValue
            let message =
                "\"\(spec.name)\" waits for \"\(name)\" to end, but \"restart: \(policy)\" starts it again each time"
            findings.warning(.badValue, at: dependency.place, message)
        default: break
        }
    }

    private static func hasLogProbe(_ spec: ServiceSpec) -> Bool {
        [spec.probes.startup, spec.probes.readiness].contains {
            if case .log? = $0?.check { true } else { false }
        }
    }

    /// One cycle per group of services that wait for each other, printed as a path.
    private func checkCycles() {
        var finished: Set<ServiceName> = []
        for start in services where !finished.contains(start.spec.name) {
            var path: [(name: ServiceName, next: Int)] = [(start.spec.name, 0)]
            var onPath: Set<ServiceName> = [start.spec.name]
            while let top = path.last {
                let dependencies = byName[top.name]?.dependencies ?? []
                guard top.next < dependencies.count else {
                    finished.insert(top.name)
                    onPath.remove(top.name)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let next = dependencies[top.next]
                let name = next.value.service
                if onPath.contains(name) {
                    report(path.map(\.name), closedBy: next)
                } else if byName[name] != nil, !finished.contains(name) {
                    path.append((name, 0))
                    onPath.insert(name)
                }
            }
        }
    }

    private func report(_ path: [ServiceName], closedBy dependency: PlacedDependency) {
        guard !findings.isFull else { return }
        let first = path.firstIndex(of: dependency.value.service) ?? 0
        let names = path[first...].map(\.rawValue) + [dependency.value.service.rawValue]
        let shown = names.count > 20 ? names.prefix(10) + ["…"] + names.suffix(9) : names[...]
        findings.error(
            .cycle,
            at: dependency.place,
            "services wait for each other: \(shown.joined(separator: " → "))"
        )
    }

    private func checkPorts() {
        var claims = PortClaims()
        for service in services {
            for port in service.ports {
                let last = port.value.number + max(1, service.spec.replicas) - 1
                guard last <= 65_535 else {
                    let message =
                        "\(service.spec.replicas) replicas from port \(port.value.number) would need port \(last)"
                    findings.error(.badValue, at: port.place, message)
                    continue
                }
                guard service.spec.isEnabled, service.spec.replicas > 0 else { continue }
                let owner = PortClaims.Owner(service: service.spec.name, port: port.value.name)
                for number in port.value.number...last {
                    guard let other = claims.claim(number, port.value, by: owner) else { continue }
                    let message =
                        "port \(number) of \"\(service.spec.name)\" is also port \"\(other.port)\" of \"\(other.service)\""
                    findings.error(.duplicate, at: port.place, message)
                    break
                }
            }
        }
    }

    private func checkLiveness(_ service: PlacedService) {
        guard let liveness = service.spec.probes.liveness else { return }
        let place = service.tree.entries?.first { $0.key == "liveness" }?.place ?? service.place
        switch liveness.check {
        case .log, .notify:
            let message = "the liveness probe of \"\(service.spec.name)\" passes once and never fails again"
            findings.warning(.badValue, at: place, message, hint: "\"watchdog\" notices a service that hangs")
        default: break
        }
        guard service.spec.restart.mode == .no else { return }
        findings.warning(
            .badValue,
            at: place,
            "\"\(service.spec.name)\" has a liveness probe and \"restart: no\": when the probe fails it is stopped and stays down"
        )
    }
}
