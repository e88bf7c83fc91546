import FleetModel
import Testing

@testable import FleetSupervision

/// Plays a script against a machine and writes down what came of it, both as text.
///
/// Words: `up`, `start:a`, `start+:a` (with dependencies), `stop:a`, `stop+:a` (with dependents), `restart:a`, `restart+:a`,
/// `kill:a`, `hup:a`, `down`, `down!`, `+500ms` `+3s` (time, with every tick that falls into it),
/// `a.up`, `a.blocked`, `a.broken`, `a.exit1`, `a.sig9` (the leader), `a.empty` (its tree), `a.gone1` (both),
/// `a.pass`, `a.fail`, `a.pass/liveness`…, `a.hooked` (pre_stop done), `a.taken` and `a.free` (who has its ports), `a.fat`
/// (its memory), `?a` (write its state down), `old:WORD` (news of the life before), `scale:a=3`, `save:a` (a watched file),
/// `rebuild:a`, `usr1:a` (other actions of a watch), `built:a`, `unbuilt:a` (its build has ended), `due:a` (its schedule),
/// `a!READY=1;STATUS=x` (sd_notify).
struct Story {
    var machine: FleetMachine
    var now = Moment.zero
    var transcript: [String] = []
    var records: [String] = []
    /// The host answers every spawn at once.
    var answersSpawns = true
    var showsProbes = false
    var spawnTimes: [ServiceID: [Moment]] = [:]
    var notes: [LifeNote] = []
    private var nextPid: Int32 = 100

    init(_ services: [ServiceSpec], seed: UInt64 = 1) {
        machine = FleetMachine(fleet: Fleet(name: "test", services: services), seed: seed)
    }

    static func play(_ services: [ServiceSpec], _ script: String, answersSpawns: Bool = true) -> String {
        var story = Story(services)
        story.answersSpawns = answersSpawns
        story.play(script)
        return story.transcript.joined(separator: " ")
    }

    mutating func play(_ script: String) {
        for word in script.split(separator: " ") { play(word: String(word)) }
    }

    mutating func send(_ event: SupervisionEvent) {
        let before = machine.instances
        let effects = machine.handle(event, at: now)
        checkNews(since: before, event)
        for effect in effects { note(effect) }
    }

    /// What is told to have changed is all that has changed.
    private func checkNews(since before: [InstanceStatus], _ event: SupervisionEvent) {
        guard let news = machine.news else { return }
        let after = machine.instances
        let changed = after.indices.filter { before.count != after.count || before[$0] != after[$0] }
        if news.sorted() != changed { Issue.record("\(event): \(news) is told to have changed, \(changed) has") }
    }

    private mutating func note(_ effect: SupervisionEffect) {
        switch effect {
        case .spawn(let id, let life):
            transcript.append("spawn(\(id)#\(life.ordinal))")
            spawnTimes[id, default: []].append(now)
            guard answersSpawns else { return }
            nextPid += 1
            send(.spawned(id, life, ProcessID(nextPid)))
        case .signal(let id, let life, let number, let scope):
            let suffix = scope == .session ? "" : "/\(scope.rawValue)"
            transcript.append("\(SignalName.name(of: number).dropFirst(3))(\(id)#\(life.ordinal)\(suffix))")
        case .runPreStop(let id, _): transcript.append("hook(\(id))")
        case .probe(let id, _, let role):
            if showsProbes { transcript.append("probe(\(id)/\(role.rawValue))") }
        case .inspectPorts(let id, let life): transcript.append("ports?(\(id)#\(life.ordinal))")
        case .runBuild(let id): transcript.append("build(\(id))")
        case .callOffLaunch(let id, let life): transcript.append("calloff(\(id)#\(life.ordinal))")
        case .callOffBuild(let id): transcript.append("calloff(build \(id))")
        case .remember(_, let note): notes.append(note)
        case .record(let id, let kind, let severity, let text):
            let mark = severity == .info ? "" : " \(severity.rawValue)"
            records.append("\(id?.rawValue ?? "fleet") [\(kind.rawValue)\(mark)] \(text)")
        }
    }

    mutating func reload(_ services: [ServiceSpec]) {
        send(.reload(Fleet(name: "test", services: services)))
    }

    /// What has happened since the last call.
    mutating func news() -> String {
        defer { transcript = [] }
        return transcript.joined(separator: " ")
    }

    mutating func pass(_ duration: Duration) {
        let end = now + duration
        var rounds = 0
        while let deadline = machine.nextDeadline, deadline <= end, rounds < 10_000 {
            rounds += 1
            now = max(now, deadline)
            send(.tick)
        }
        now = end
        send(.tick)
    }

    // MARK: - Words

    private mutating func play(word: String) {
        if word.hasPrefix("+") { return pass(Self.duration(word.dropFirst())) }
        if word.hasPrefix("?") {
            let id = ServiceID(String(word.dropFirst()))
            return transcript.append("\(id)=\(machine[id]?.state.rawValue ?? "none")")
        }
        switch word {
        case "up": return send(.startAll(names: nil, includingDependencies: true))
        case "down": return send(.shutDown(kill: false))
        case "down!": return send(.shutDown(kill: true))
        default: break
        }
        if let mark = word.firstIndex(of: "!") {
            let id = ServiceID(String(word[..<mark]))
            let text = word[word.index(after: mark)...].map { $0 == ";" ? "\n" : $0 == "~" ? " " : $0 }
            return send(.notified(id, machine[id]?.incarnation ?? .none, NotifyMessage(parsing: String(text))))
        }
        if let colon = word.firstIndex(of: ":"), !word.hasPrefix("old:") {
            return command(String(word[..<colon]), ServiceID(String(word[word.index(after: colon)...])))
        }
        news(word)
    }

    private mutating func command(_ verb: String, _ id: ServiceID) {
        switch verb {
        case "start": send(.startAll(names: [id], includingDependencies: false))
        case "start+": send(.startAll(names: [id], includingDependencies: true))
        case "stop": send(.stop([id], withDependents: false))
        case "stop+": send(.stop([id], withDependents: true))
        case "restart": send(.restart([id], withDependents: false))
        case "restart+": send(.restart([id], withDependents: true))
        case "kill": send(.kill([id], signal: 9))
        case "hup": send(.kill([id], signal: 1))
        default: change(verb, id.rawValue)
        }
    }

    /// What changes a service by its name.
    private mutating func change(_ verb: String, _ text: String) {
        let name = ServiceName(text)
        switch verb {
        case "scale":
            let halves = text.split(separator: "=")
            send(.scale(ServiceName(String(halves[0])), Int(halves[1]) ?? 0))
        case "save": send(.watched(name, .restart, cause: "main.swift"))
        case "rebuild": send(.watched(name, .rebuild, cause: "main.swift"))
        case "usr1": send(.watched(name, .signal(10), cause: "a.conf"))
        case "built": send(.buildFinished(ServiceID(text), passed: true, detail: ""))
        case "unbuilt": send(.buildFinished(ServiceID(text), passed: false, detail: "exit 1: no such module"))
        case "due": send(.scheduled(name))
        default: transcript.append("UNKNOWN(\(verb))")
        }
    }

    private mutating func news(_ word: String) {
        let isOld = word.hasPrefix("old:")
        let text = isOld ? String(word.dropFirst(4)) : word
        guard let dot = text.lastIndex(of: ".") else { return transcript.append("UNKNOWN(\(word))") }
        let id = ServiceID(String(text[..<dot]))
        var what = String(text[text.index(after: dot)...])
        let current = machine[id]?.incarnation ?? .none
        let life = isOld ? Incarnation(current.ordinal - 1) : current
        var role = ProbeRole.readiness
        if let slash = what.firstIndex(of: "/") {
            role = ProbeRole(rawValue: String(what[what.index(after: slash)...])) ?? .readiness
            what = String(what[..<slash])
        }
        let number = Int32(what.filter(\.isNumber)) ?? 0
        switch what.filter({ !$0.isNumber }) {
        case "up": send(.spawned(id, life, ProcessID(7)))
        case "blocked": send(.spawnFailed(id, life, reason: "port 1 is taken by pid 9 (x)", isBlocked: true))
        case "broken": send(.spawnFailed(id, life, reason: "argument list too long", isBlocked: false))
        case "exit": send(.exited(id, life, .exited(code: number)))
        case "sig": send(.exited(id, life, .signalled(number, coreDumped: false)))
        case "empty": send(.treeEmptied(id, life))
        case "gone":
            send(.exited(id, life, .exited(code: number)))
            send(.treeEmptied(id, life))
        case "pass": send(.probed(id, life, role, passed: true, detail: "200 OK", latency: .milliseconds(3)))
        case "fail": send(.probed(id, life, role, passed: false, detail: "refused", latency: .milliseconds(1)))
        case "hooked": send(.preStopFinished(id, life))
        case "taken":
            let owner = PortConflict(port: 3001, pid: ProcessID(912), command: "nginx")
            send(.portsInspected(id, life, owner))
        case "free": send(.portsInspected(id, life, nil))
        case "fat": send(.memoryExceeded(id, life, used: 600 << 20, limit: 512 << 20))
        default: transcript.append("UNKNOWN(\(word))")
        }
    }

    private static func duration(_ text: Substring) -> Duration {
        if text.hasSuffix("ms") { return .milliseconds(Int(text.dropLast(2)) ?? 0) }
        if text.hasSuffix("s") { return .seconds(Int(text.dropLast()) ?? 0) }
        return .seconds(60 * (Int(text.dropLast()) ?? 0))
    }
}

/// A service for a story: restarts on failure without jitter.
func service(
    _ name: String,
    needs: [Dependency] = [],
    restart: RestartPolicy.Mode = .onFailure,
    readiness: Bool = false,
    _ change: (inout ServiceSpec) -> Void = { _ in }
) -> ServiceSpec {
    var spec = ServiceSpec(name: ServiceName(name), command: .exec([name]), workingDirectory: "/")
    spec.dependencies = needs
    spec.restart.mode = restart
    spec.restart.backoff.jitter = 0
    if readiness { spec.probes.readiness = ProbeSpec(check: .http(.init(port: 3001))) }
    change(&spec)
    return spec
}

func needs(
    _ name: String,
    _ condition: Dependency.Condition = .started,
    required: Bool = true,
    restart: Bool = false,
    timeout: Duration? = nil,
    any: Bool = false,
    afterCrash: Bool = false
) -> Dependency {
    var dependency = Dependency(
        service: ServiceName(name),
        condition: condition,
        isRequired: required,
        restart: restart,
        timeout: timeout
    )
    dependency.anyReplica = any
    dependency.restartsAfterCrash = afterCrash
    return dependency
}
