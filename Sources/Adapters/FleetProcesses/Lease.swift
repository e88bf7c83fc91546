internal import FleetModel
internal import Glibc

/// A note on disk that a life exists, so that somebody else can end it when the engine cannot: one file per life,
/// `<state>/leases/<session>.lease`, in lines of `key=value`.
struct Lease: Sendable, Hashable {
    /// The leader's pid is also its session and its process group.
    var session: Int32
    /// Clock ticks from boot to the leader's start; tells it from a later process with the same number.
    var startTicks: UInt64
    /// Numbers and ticks mean nothing after a reboot.
    var boot: String
    var run: String
    var service: ServiceID
    var stopSignal: Int32
    var grace: Duration
    var incarnation = Incarnation.none
    /// It outlives its engine; the next one takes it over.
    var isKept = false
    /// Of its notification socket; empty = none.
    var notifyPath = ""
    /// Of the launch (`Launch.digest`), on one line; empty = not known.
    var digest = ""

    /// The value of `FLEET_LIFE` in its processes' environments.
    var tag: String { LifeTag.value(run: run, LifeKey(service: service, incarnation: incarnation)) }

    /// The same on their limits.
    var mark: LifeMark { LifeMark(run: run, life: tag) }

    var text: String {
        """
        session=\(session)
        start=\(startTicks)
        boot=\(boot)
        run=\(run)
        service=\(service)
        signal=\(stopSignal)
        grace_ms=\(grace.wholeNanoseconds / 1_000_000)
        life=\(incarnation.ordinal)
        keep=\(isKept ? 1 : 0)
        notify=\(notifyPath)
        digest=\(digest)

        """
    }
}

extension Lease {
    /// `nil` for a text that is no lease: half written, or of another version.
    init?(text: String) {
        var fields: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            fields[line[..<equals]] = line[line.index(after: equals)...]
        }
        guard let session = fields["session"].flatMap({ Int32($0) }), session > 1,
            let startTicks = fields["start"].flatMap({ UInt64($0) }), let boot = fields["boot"],
            let run = fields["run"],
            let service = fields["service"], let signal = fields["signal"].flatMap({ Int32($0) }),
            (1...64).contains(signal), let grace = fields["grace_ms"].flatMap({ Int64($0) }), grace >= 0
        else { return nil }
        self.init(
            session: session,
            startTicks: startTicks,
            boot: String(boot),
            run: String(run),
            service: ServiceID(String(service)),
            stopSignal: signal,
            grace: .milliseconds(min(grace, 3_600_000)),
            incarnation: Incarnation(fields["life"].flatMap { Int($0) } ?? 0),
            isKept: fields["keep"] == "1",
            notifyPath: fields["notify"].map(String.init) ?? "",
            digest: fields["digest"].map(String.init) ?? ""
        )
    }
}

extension Lease {
    /// Its life was meant to outlive its engine, and does. Without its leader it is no life that could be taken over.
    func isAliveAndKept(boot: String = LeaseFolder.boot) -> Bool {
        guard isKept, self.boot == boot, let leader = ProcessTable.entry(of: session) else { return false }
        return leader.startTicks == startTicks && !leader.isZombie
    }
}

/// The leases of one state directory. A run also leaves a mark of its own, so that a process that was spawned a moment
/// before its lease was written can still be found by the run id in its environment.
struct LeaseFolder: Sendable {
    let path: String

    init(stateDirectory: String) { path = "\(stateDirectory)/leases" }

    /// - Returns: 0 or an errno.
    func open(run: String) -> Int32 {
        let error = SmallFile.makeFolder(path)
        return error != 0
            ? error : SmallFile.replace("\(path)/\(run).run", with: "pid=\(getpid())\nboot=\(Self.boot)\n")
    }

    func close(run: String) { unlink("\(path)/\(run).run") }

    /// - Returns: 0 or an errno.
    func write(_ lease: Lease) -> Int32 { SmallFile.replace("\(path)/\(lease.session).lease", with: lease.text) }

    func remove(session: Int32) { unlink("\(path)/\(session).lease") }

    var leases: [Lease] {
        SmallFile.names(in: path).filter { $0.hasSuffix(".lease") }.sorted()
            .compactMap { SmallFile.text("\(path)/\($0)", limit: 4096).flatMap { Lease(text: $0) } }
    }

    /// Runs that left their mark.
    var runs: [String] {
        SmallFile.names(in: path).filter { $0.hasSuffix(".run") }.map { String($0.dropLast(4)) }.sorted()
    }

    /// Removes what belongs to these runs, half-written files too; not the leases of these sessions.
    func clear(runs: Set<String>, except spared: Set<Int32> = []) {
        for name in SmallFile.names(in: path) {
            let file = "\(path)/\(name)"
            let isDraft = name.hasSuffix(".new")
            let isMark = name.hasSuffix(".run") && runs.contains(String(name.dropLast(4)))
            let lease = name.hasSuffix(".lease") ? SmallFile.text(file, limit: 4096).map { Lease(text: $0) } : nil
            let isLease =
                lease.map { $0.map { runs.contains($0.run) && !spared.contains($0.session) } ?? true } ?? false
            if isDraft || isMark || isLease { unlink(file) }
        }
    }

    /// Differs after each boot; empty when the system does not tell.
    static let boot = String(
        (SmallFile.text("/proc/sys/kernel/random/boot_id", limit: 64) ?? "").prefix { !$0.isWhitespace }
    )
}
