import FleetModel
import FleetSupervision

/// Who belongs to the fleet at one instant: the manifest that applies, and the instances that exist. Immutable; a reload
/// or a scale makes a new one.
struct FleetRoster: Sendable {
    struct Instance: Sendable, Hashable {
        let id: ServiceID
        let name: ServiceName
        /// 1-based.
        let replica: Int
    }

    /// Grows by one per roster.
    let edition: Int
    let fleet: Fleet
    /// In start order; those that are leaving stay listed until nothing of them is left.
    let instances: [Instance]
    /// Hides what must not be shown.
    let mask: SecretMask
    /// Where everybody listens, for everybody: `USERS_PORT_HTTP`.
    let portVariables: [String: String]
    private let specs: [ServiceName: ServiceSpec]
    private let indices: [ServiceID: Int]
    /// What the manifest says of each instance, in the shape that clients see.
    private let faces: [ServiceID: ServiceSnapshot]

    init(_ fleet: Fleet, _ instances: [Instance], after previous: FleetRoster? = nil) {
        edition = (previous?.edition ?? 0) + 1
        self.fleet = fleet
        self.instances = instances
        var specs: [ServiceName: ServiceSpec] = [:]
        for service in fleet.services { specs[service.name] = service }
        // A service that the manifest no longer has is still shown, and stopped, as what it was.
        for instance in instances where specs[instance.name] == nil {
            specs[instance.name] = previous?.specs[instance.name]
        }
        self.specs = specs
        let isSameFleet = previous.map { $0.fleet == fleet } ?? false
        let mask = (isSameFleet ? previous?.mask : nil) ?? SecretMask(fleet)
        self.mask = mask
        portVariables = (isSameFleet ? previous?.portVariables : nil) ?? LaunchPlan.portVariables(of: fleet)
        indices = Dictionary(instances.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let dependents = Self.dependents(of: fleet)
        var faces: [ServiceID: ServiceSnapshot] = [:]
        for instance in instances {
            guard let spec = specs[instance.name] else { continue }
            faces[instance.id] = Self.face(instance, spec, dependents[spec.name] ?? [], mask)
        }
        self.faces = faces
    }

    subscript(id: ServiceID) -> Instance? { indices[id].map { instances[$0] } }

    /// Also of a service that is leaving.
    func spec(of name: ServiceName) -> ServiceSpec? { specs[name] }

    func instances(of name: ServiceName) -> [Instance] { instances.filter { $0.name == name } }

    func face(of id: ServiceID) -> ServiceSnapshot? { faces[id] }

    private static func dependents(of fleet: Fleet) -> [ServiceName: [ServiceName]] {
        var dependents: [ServiceName: [ServiceName]] = [:]
        for service in fleet.services {
            for dependency in service.dependencies { dependents[dependency.service, default: []].append(service.name) }
        }
        return dependents
    }

    private static func face(
        _ instance: Instance,
        _ spec: ServiceSpec,
        _ dependents: [ServiceName],
        _ mask: SecretMask
    ) -> ServiceSnapshot {
        var face = ServiceSnapshot(id: instance.id, name: instance.name, state: .idle, since: .epoch)
        face.group = spec.group
        face.summary = spec.description
        face.command = mask.masked(spec.command.text)
        face.workingDirectory = spec.workingDirectory
        face.ports = spec.ports(ofReplica: instance.replica)
        face.dependencies = spec.dependencies
        face.dependents = dependents
        face.links = spec.links
        face.kind = spec.kind
        face.hasTerminal = spec.hasTerminal
        face.memoryLimit = spec.resources.memoryBytes
        face.stopSignal = spec.stop.signal
        face.gracePeriod = spec.stop.gracePeriod
        return face
    }
}
