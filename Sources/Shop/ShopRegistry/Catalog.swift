import ShopKit

/// A registered service.
package struct CatalogService: Sendable, Equatable {
    package let registration: ServiceRegistration
    package let createIndex: UInt64
    package var modifyIndex: UInt64
    package var isInMaintenance = false
}

/// A check and where it stands.
package struct CatalogCheck: Sendable, Equatable {
    package let definition: CheckDefinition
    package var status: CheckStatus
    package var output = ""
    package let createIndex: UInt64
    package var modifyIndex: UInt64
    /// Tells results of this check from those of an earlier one with the same id.
    let generation: UInt64
    var streak = 0
    var lastOutcome: CheckStatus?
    var nextRun: Duration
    var isRunning = false
    var ttlDeadline: Duration?
    var criticalSince: Duration?
}

/// A probe that is due.
package struct ProbeJob: Sendable, Equatable {
    package let checkID: String
    package let definition: CheckDefinition
    package let generation: UInt64
}

/// What the registry knows of services and checks, as a value: inputs change it, time is an argument (since start).
/// `index` rises on every real change and never otherwise; watchers rely on both.
package struct Catalog: Sendable {
    /// Services beyond this are refused.
    static let serviceLimit = 10_000
    /// Bytes of a check's output that are kept (Consul's limit).
    static let outputLimit = 4096

    package private(set) var index: UInt64 = 1
    package private(set) var services: [String: CatalogService] = [:]
    package private(set) var checks: [String: CatalogCheck] = [:]
    /// The last change of each service name, so that a watcher of one is not woken by another.
    private var changes: [String: UInt64] = [:]
    /// The last time a service came, went or changed its tags.
    private var listChange: UInt64 = 1
    private var nextGeneration: UInt64 = 1

    package init() {}

    // MARK: - Registration

    /// Checks of the service that the registration does not name stay, unless it replaces them: others may have added them.
    package mutating func register(
        _ new: ServiceRegistration,
        replacingChecks: Bool = false,
        at now: Duration
    ) throws(RegistrationError) {
        let known = services[new.id]
        guard known != nil || services.count < Self.serviceLimit else { throw .tooMany("services") }
        let named = Set(new.checks.map(\.id))
        let dropped = checks(ofService: new.id).map(\.definition.id).filter { replacingChecks && !named.contains($0) }
        let added = new.checks.filter { checks[$0.id]?.definition != $0 }
        if known?.registration == new, dropped.isEmpty, added.isEmpty { return }
        if let known, known.registration.name != new.name { touch(known.registration.name, list: true) }
        touch(new.name, list: true)
        services[new.id] = CatalogService(
            registration: new,
            createIndex: known?.createIndex ?? index,
            modifyIndex: index,
            isInMaintenance: known?.isInMaintenance == true && !dropped.contains(Self.maintenanceCheck(new.id))
        )
        for id in dropped { checks[id] = nil }
        for check in added { add(check, at: now) }
    }

    private static func maintenanceCheck(_ id: String) -> String { "_service_maintenance:\(id)" }

    /// Deregistering what is not there takes no action.
    package mutating func deregister(_ id: String) {
        guard let service = services.removeValue(forKey: id) else { return }
        checks = checks.filter { $0.value.definition.serviceID != id }
        touch(service.registration.name, list: true)
    }

    package mutating func register(_ check: CheckDefinition, at now: Duration) throws(RegistrationError) {
        guard check.serviceID.isEmpty || services[check.serviceID] != nil else {
            throw .missing("service of the check")
        }
        guard checks[check.id] != nil || checks.count < Self.serviceLimit else { throw .tooMany("checks") }
        guard checks[check.id]?.definition != check else { return }
        touch(services[check.serviceID]?.registration.name)
        add(check, at: now)
    }

    package mutating func deregisterCheck(_ id: String) {
        guard let check = checks.removeValue(forKey: id) else { return }
        touch(services[check.definition.serviceID]?.registration.name)
    }

    package mutating func setMaintenance(_ id: String, _ isOn: Bool, reason: String, at now: Duration) -> Bool {
        guard let service = services[id] else { return false }
        guard service.isInMaintenance != isOn else { return true }
        services[id]?.isInMaintenance = isOn
        touch(service.registration.name)
        let checkID = Self.maintenanceCheck(id)
        guard isOn else {
            checks[checkID] = nil
            return true
        }
        var check = CheckDefinition(id: checkID, name: "Service Maintenance Mode", serviceID: id)
        check.notes = reason.isEmpty ? "Maintenance mode is enabled for this service" : reason
        add(check, at: now)
        return true
    }

    private mutating func add(_ check: CheckDefinition, at now: Duration) {
        var entry = CatalogCheck(
            definition: check,
            status: check.initialStatus,
            createIndex: index,
            modifyIndex: index,
            generation: nextGeneration,
            nextRun: now
        )
        nextGeneration += 1
        if case .ttl(let ttl) = check.probe { entry.ttlDeadline = now + ttl }
        // Of a check that nothing ever updates, nobody can say how long it has been so.
        if entry.status == .critical, !check.isUnprobed { entry.criticalSince = now }
        checks[check.id] = entry
    }

    private mutating func touch(_ name: String?, list: Bool = false) {
        index += 1
        if let name { changes[name] = index }
        if list { listChange = index }
    }

    // MARK: - Checks

    /// The probes that are due, each marked as running until it is reported.
    package mutating func takeDue(at now: Duration) -> [ProbeJob] {
        var jobs: [ProbeJob] = []
        for (id, check) in checks where !check.isRunning && check.nextRun <= now {
            switch check.definition.probe {
            case .ttl, .none, .unprobed: continue
            case .http, .tcp: break
            }
            checks[id]?.isRunning = true
            jobs.append(ProbeJob(checkID: id, definition: check.definition, generation: check.generation))
        }
        return jobs.sorted { $0.checkID < $1.checkID }
    }

    /// The result of a probe. A single result counts unless the definition asks for several in a row.
    package mutating func report(_ job: ProbeJob, _ outcome: CheckStatus, output: String, at now: Duration) {
        guard var check = checks[job.checkID], check.generation == job.generation else { return }
        check.isRunning = false
        check.nextRun = now + check.definition.interval
        check.streak = check.lastOutcome == outcome ? check.streak + 1 : 1
        check.lastOutcome = outcome
        checks[job.checkID] = check
        let needed =
            outcome == .passing ? check.definition.successesBeforePassing : check.definition.failuresBeforeCritical
        guard check.streak >= needed else { return }
        // Only a changed status is news: a body that differs at every probe must not wake the watchers.
        set(job.checkID, outcome, output: output, at: now, isOutputNews: false)
    }

    /// A service reports about itself; false when there is no such TTL check.
    package mutating func reportTTL(_ id: String, _ status: CheckStatus, output: String, at now: Duration) -> Bool {
        guard case .ttl(let ttl)? = checks[id]?.definition.probe else { return false }
        checks[id]?.ttlDeadline = now + ttl
        set(id, status, output: output, at: now, isOutputNews: true)
        return true
    }

    private mutating func set(
        _ id: String,
        _ status: CheckStatus,
        output: String,
        at now: Duration,
        isOutputNews: Bool
    ) {
        guard var check = checks[id] else { return }
        let output = String(decoding: output.utf8.prefix(Self.outputLimit), as: UTF8.self)
        let isNews = check.status != status || isOutputNews && check.output != output
        if status != .critical { check.criticalSince = nil }
        if status == .critical && check.criticalSince == nil { check.criticalSince = now }
        check.status = status
        check.output = output
        if isNews {
            touch(services[check.definition.serviceID]?.registration.name)
            check.modifyIndex = index
        }
        checks[id] = check
    }

    /// Time has passed: TTLs run out, and services that were critical for too long are taken out.
    ///
    /// - Returns: The ids of the services that were taken out.
    package mutating func advance(to now: Duration) -> [String] {
        for (id, check) in checks {
            guard let deadline = check.ttlDeadline, deadline <= now, check.status != .critical else { continue }
            set(id, .critical, output: "TTL expired", at: now, isOutputNews: true)
        }
        let lapsed = checks.values.filter { check in
            guard let limit = check.definition.deregisterAfter, let since = check.criticalSince else { return false }
            return check.status == .critical && now - since >= limit
        }
        let reaped = Set(lapsed.map(\.definition.serviceID)).filter { services[$0] != nil }.sorted()
        for id in reaped { deregister(id) }
        return reaped
    }

    // MARK: - Queries

    /// The index a watcher of one service name sees; that of the list for a name never heard of.
    package func index(ofService name: String) -> UInt64 { changes[name] ?? listChange }

    package var listIndex: UInt64 { listChange }

    package func instances(of name: String) -> [CatalogService] {
        services.values.filter { $0.registration.name == name }.sorted { $0.registration.id < $1.registration.id }
    }

    package func checks(ofService id: String) -> [CatalogCheck] {
        checks.values.filter { $0.definition.serviceID == id }.sorted { $0.definition.id < $1.definition.id }
    }

    /// The worst of the service's checks; passing without any.
    package func status(ofService id: String) -> CheckStatus {
        checks(ofService: id).map(\.status).max() ?? .passing
    }
}
