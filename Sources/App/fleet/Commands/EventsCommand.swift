import ArgumentParser
import FleetAPI
import FleetModel

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Print what happened to the fleet and why."
    )

    @Argument(help: "Service or instance names; none = all.", completion: .services) var services: [String] = []
    @Flag(name: .shortAndLong, help: "Keep printing events as they happen.") var follow = false
    @Option(name: [.customShort("n"), .customLong("lines")], help: "The newest this many.") var lines = 200
    @OptionGroup var manifest: LongManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        // Events of services that left the fleet are kept; a name that neither has is a mistake.
        if !services.isEmpty {
            let snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
            let past = try await asked { () throws(EngineError) in try await client.events(EventQuery(limit: 10_000)) }
            let known = Set(past.compactMap(\.service))
            for name in services where !known.contains(where: { $0.isInstance(of: name) }) {
                _ = try snapshot.instances(named: [name])
            }
        }
        let kept = EventQuery(services: services, limit: max(0, lines))
        let events = try await asked { () throws(EngineError) in try await client.events(kept) }
        if output.json && !follow {
            Terminal.say(JSON.array(events.map(Self.json)).text)
        } else {
            for event in events { say(event) }
        }
        guard follow else { return }
        let next = EventQuery(services: services, after: events.last?.sequence ?? 0)
        let news = try await asked { () throws(EngineError) in try await client.followEvents(next) }
        for try await event in news { say(event) }
    }

    private func say(_ event: FleetEvent) {
        if output.json {
            Terminal.say(Self.json(event).text)
        } else {
            let name = event.service?.rawValue ?? "fleet"
            let tag = name + String(repeating: " ", count: max(0, 13 - name.count))
            let mark =
                switch event.severity {
                case .info: " "
                case .warning: "!"
                case .error: "x"
                }
            Terminal.say("\(TimeText.local(event.time)) \(mark) \(tag) \(event.message)")
        }
    }

    static func json(_ event: FleetEvent) -> JSON {
        .object([
            ("sequence", .integer(event.sequence)),
            ("time", .time(event.time)),
            ("service", .optional(event.service?.rawValue)),
            ("kind", .string(event.kind.rawValue)),
            ("severity", .string(event.severity.rawValue)),
            ("message", .string(event.message)),
        ])
    }
}
