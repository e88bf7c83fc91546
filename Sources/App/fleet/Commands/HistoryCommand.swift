import ArgumentParser
import FleetAPI
import FleetEngine
import FleetModel
import FleetProcesses

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Print a service's last 20 lives: why each began and ended, and its last errors.",
        discussion: "The lives of earlier engines are remembered, too; no fleet needs to run."
    )

    @Argument(help: "A service or instance name.", completion: .services) var service: String
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let lives = try await lives(try manifest.path())
        if output.json {
            Terminal.say(JSON.array(lives.map(Self.json)).text)
        } else if lives.isEmpty {
            Terminal.say("\(service) has not lived yet")
        } else {
            Terminal.say(Self.table(lives))
            for line in Self.lastErrors(lives) { Terminal.say(line) }
        }
    }

    private func lives(_ path: String) async throws -> [LifeRecord] {
        if let client = try await EngineAccess.find(path) {
            return try await asked { () throws(EngineError) in try await client.history(service) }
        }
        let archive = DiskLifeArchive(stateDirectory: FleetDirectories(manifestPath: path).stateDirectory).load()
        let lives = archive.filter { $0.key.isInstance(of: service) }.flatMap(\.value)
        guard !lives.isEmpty else {
            throw Failure.notRunning("no fleet is running, and no life of \(service) is remembered")
        }
        return lives.sorted { $0.startedAt < $1.startedAt }
    }

    static func table(_ lives: [LifeRecord]) -> String {
        let isOne = Set(lives.map(\.service)).count == 1
        var table = TextTable([
            (isOne ? "LIFE" : "INSTANCE", .left), ("PID", .right), ("STARTED", .left), ("READY", .right),
            ("LASTED", .right), ("BEGAN", .left), ("ENDED", .left),
        ])
        let now = SystemClock().wallTime
        let newest = Dictionary(lives.map { ($0.service, $0.incarnation) }, uniquingKeysWith: max)
        for life in lives {
            let ordinal = "#\(life.incarnation.ordinal)"
            // Its engine was killed with it when another life has followed.
            let isUnseen = life.endedAt == nil && newest[life.service] != life.incarnation
            let lasted = TimeText.duration(max(.zero, life.startedAt.distance(to: life.endedAt ?? now)))
            table.add([
                isOne ? ordinal : "\(life.service) \(ordinal)",
                life.pid?.description ?? "-",
                TimeText.localDay(life.startedAt),
                life.timeToReady.map(TimeText.duration) ?? "-",
                isUnseen ? "-" : lasted,
                life.startCause.isEmpty ? "-" : life.startCause,
                isUnseen ? "nobody saw its end" : ended(life),
            ])
        }
        return table.text
    }

    private static func ended(_ life: LifeRecord) -> String {
        guard life.endedAt != nil else { return "lives" }
        return life.endCause.isEmpty ? life.termination?.description ?? "-" : life.endCause
    }

    /// Of the latest life that ended and had something to complain about.
    private static func lastErrors(_ lives: [LifeRecord]) -> [String] {
        guard let life = lives.last(where: { $0.endedAt != nil && !$0.lastErrors.isEmpty }) else { return [] }
        return ["", "last errors of #\(life.incarnation.ordinal):"] + life.lastErrors.map { "  \($0)" }
    }

    static func json(_ life: LifeRecord) -> JSON {
        .object([
            ("service", .string(life.service.rawValue)),
            ("life", .integer(life.incarnation.ordinal)),
            ("pid", .optional(life.pid.map { Int($0.rawValue) })),
            ("started_at", .time(life.startedAt)),
            ("ready_seconds", .optional(life.timeToReady?.inSeconds)),
            ("ended_at", .time(life.endedAt)),
            ("exit_status", .optional(life.termination.map { Int($0.shellStatus) })),
            ("start_cause", .string(life.startCause)),
            ("end_cause", .string(life.endCause)),
            ("last_errors", .array(life.lastErrors.map(JSON.string))),
        ])
    }
}
