import FleetModel

/// What only shows when all services are seen together.
struct CrossCheck {
    let services: [PlacedService]
    let findings: Findings
    private let byName: [ServiceName: PlacedService]

    /// Instances of all services together.
    static let instanceLimit = 5000

    init(_ services: [PlacedService], findings: Findings) {
        self.services = services
        self.findings = findings
        byName = Dictionary(services.map { ($0.spec.name, $0) }, uniquingKeysWith: { first, _ in first })
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
            let hint = NearestName.hint(name.rawValue, among: byName.keys.map(\.rawValue).sorted())
            let message = "\"\(spec.name)\" depends on \"\(name.rawValue.prefix(80))\", which does not exist"
            if dependency.value.isRequired {
                findings.error(.unknownName, at: dependency.place, message, hint: hint)
            } else {
                findings.warning(.unknownName, at: dependency.place, message, hint: hint)
            }
            return
        }
        if dependency.value.condition == .healthy, target.probes.readiness == nil, target.probes.startup == nil {
            findings.error(
                .missing,
                at: dependency.place,
                "\"\(spec.name)\" waits for \"\(name)\" to be healthy, but \"\(name)\" has no healthcheck",
                hint: "give it one, or use service_started"
            )
        }
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
        let first = path.firstIndex(of: dependency.value.service) ?? 0
        let names = path[first...].map(\.rawValue) + [dependency.value.service.rawValue]
        let shown = names.count > 20 ? names.prefix(10) + ["…"] + names.suffix(9) : names[...]
        findings.error(
            .cycle,
            at: dependency.place,
            "services wait for each other: \(shown.joined(separator: " → "))"
        )
    }

    private struct Claim: Hashable {
        var transport: PortSpec.Transport
        var number: Int
    }

    private func checkPorts() {
        var claims: [Claim: [(host: String, service: ServiceName, name: String)]] = [:]
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
                for number in port.value.number...last {
                    let claim = Claim(transport: port.value.transport, number: number)
                    if let other = claims[claim]?.first(where: { Self.overlap($0.host, port.value.host) }) {
                        let message =
                            "port \(number) of \"\(service.spec.name)\" is also port \"\(other.name)\" of \"\(other.service)\""
                        findings.error(.duplicate, at: port.place, message)
                        break
                    }
                    claims[claim, default: []].append((port.value.host, service.spec.name, port.value.name))
                }
            }
        }
    }

    private static func overlap(_ left: String, _ right: String) -> Bool {
        let everywhere: Set<String> = ["0.0.0.0", "::", "", "*"]
        let names = ["localhost": "127.0.0.1"]
        return (names[left] ?? left) == (names[right] ?? right) || everywhere.contains(left)
            || everywhere.contains(right)
    }

    private func checkLiveness(_ service: PlacedService) {
        guard service.spec.probes.liveness != nil, service.spec.restart.mode == .no else { return }
        let place = service.tree.entries?.first { $0.key == "liveness" }?.place ?? service.place
        findings.warning(
            .badValue,
            at: place,
            "\"\(service.spec.name)\" has a liveness probe and \"restart: no\": when the probe fails it is stopped and stays down"
        )
    }
}
