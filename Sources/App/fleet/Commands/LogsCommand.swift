import ArgumentParser
import FleetAPI
import FleetEngine
import FleetLogs
import FleetModel
import FleetProcesses
import Foundation

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the merged log, with the filter language of the console."
    )

    @Argument(help: "Service or instance names; none = all.", completion: .services) var services: [String] = []
    @Flag(name: .shortAndLong, help: "Keep printing lines as they arrive.") var follow = false
    @Option(
        name: [.customShort("n"), .customLong("lines")],
        help: "The newest this many lines; 200 unless said otherwise, and with --all every line."
    )
    var lines: Int?
    @Option(help: "For example: 'lvl>=warn /time.?out/ -svc:bus trace:4bf9'.") var filter = ""
    @Option(help: "Only lines younger than this, for example 10m.") var since: DurationArgument?
    @Flag(help: "Of the life before the present one, such as the one that crashed.") var previous = false
    @Flag(help: "Everything on disk, also of earlier runs; needs no running fleet.") var all = false
    @OptionGroup var manifest: LongManifestSelection
    @OptionGroup var output: JSONOption

    func validate() throws {
        if let lines, lines < 0 { throw ValidationError("-n takes a number of lines, not \(lines)") }
        guard !(previous && (all || follow)) else {
            throw ValidationError("--previous asks the running fleet for a life that is over; without --all and -f")
        }
        guard !(all && follow) else { throw ValidationError("--all reads what is on disk; it cannot follow") }
    }

    func run() async throws {
        var expression = filter
        if let since { expression += " since:\(Int(since.value.inSeconds.rounded(.up)))s" }
        let print = LinePrinter(json: output.json, colour: Terminal.hasColour)
        if all { return try printDisk(expression, print) }
        let client = try await EngineAccess.connect(try manifest.path())
        if previous { expression = try await earlierLives(client) + (expression.isEmpty ? "" : " (\(expression))") }
        var query = LogQuery(services: services, filter: expression)
        let next = try await printKept(query, from: client, print)
        guard follow else { return }
        query.cursor = next - 1
        query.direction = .forward
        let records = try await asked { [query] () throws(EngineError) in try await client.followLogs(query) }
        for try await record in records { print.say(record) }
    }

    /// A filter for the life before the present one of each service that was asked for.
    private func earlierLives(_ client: some EngineClient) async throws -> String {
        let snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
        let chosen = try snapshot.instances(named: services)
        let lives = chosen.filter { $0.incarnation.ordinal > 1 }
            .map { "svc:\($0.id) life:\($0.incarnation.ordinal - 1)" }
        guard !lives.isEmpty else { throw Failure.failed("there was no life before the present one") }
        return "(\(lives.joined(separator: " | ")))"
    }

    private func printDisk(_ expression: String, _ print: LinePrinter) throws {
        let directories = FleetDirectories(manifestPath: try manifest.path())
        let known = DiskLog.services(in: directories.stateDirectory)
        let wanted = known.filter { id in services.isEmpty || services.contains { id.isInstance(of: $0) } }
        if let missing = services.first(where: { name in !known.contains { $0.isInstance(of: name) } }) {
            throw Failure.invalid("nothing on disk of \"\(missing)\" in \(directories.stateDirectory)")
        }
        let parsed: LogFilter
        do {
            let clock = SystemClock()
            parsed = try LogFilter.parse(expression, now: clock.wallTime, utcOffset: clock.utcOffset)
        } catch {
            throw Failure.invalid("filter \"\(expression)\": \(error)")
        }
        var log = DiskLog(stateDirectory: directories.stateDirectory, services: wanted, filter: parsed)
        var chunk = ""
        var newest: [String] = []
        log.read { record in
            let line = print.line(record) + "\n"
            if let lines {
                newest.append(line)
                if newest.count > 2 * lines + 1_000 { newest.removeFirst(newest.count - lines) }
                return
            }
            chunk += line
            guard chunk.utf8.count > 1 << 16 else { return }
            Terminal.write(chunk, to: STDOUT_FILENO)
            chunk = ""
        }
        Terminal.write(chunk + newest.suffix(lines ?? 0).joined(), to: STDOUT_FILENO)
    }

    /// Returns the id that the next line will get, so that following goes on without a gap or a repetition.
    private func printKept(
        _ query: LogQuery,
        from client: some EngineClient,
        _ print: LinePrinter
    ) async throws -> Int {
        let next = try await asked { () throws(EngineError) in try await client.snapshot() }.totals.nextLog
        var pages: [LogPage] = []
        var missing = lines ?? 200
        var query = query
        query.cursor = next
        while missing > 0 {
            query.limit = min(missing, 5_000)
            let page = try await asked { [query] () throws(EngineError) in try await client.logs(query) }
            guard let first = page.records.first else { break }
            pages.append(page)
            missing -= page.records.count
            query.cursor = first.id
        }
        for page in pages.reversed() { for record in page.records { print.say(record) } }
        return next
    }
}

/// One line per record: `14:03:22.104 E orders    timeout calling payments  attempt=3`.
struct LinePrinter {
    let json: Bool
    let colour: Bool

    func say(_ record: LogRecord) { Terminal.say(line(record)) }

    func line(_ record: LogRecord) -> String { json ? Self.json(record).text : text(record) }

    static func json(_ record: LogRecord) -> JSON {
        .object([
            ("id", .integer(record.id)),
            ("time", .time(record.time)),
            ("service", .string(record.service.rawValue)),
            ("stream", .string(record.stream.rawValue)),
            ("severity", .string("\(record.severity)")),
            ("message", .string(record.message)),
            ("trace_id", .optional(record.traceID)),
            ("span_id", .optional(record.spanID)),
            ("fields", .object(record.fields.map { ($0.name, .string($0.value)) })),
            ("raw", .string(record.raw)),
        ])
    }

    private func text(_ record: LogRecord) -> String {
        let name = record.service.rawValue
        let tag = name + String(repeating: " ", count: max(0, 13 - name.count))
        // A line that is read as text has its fields where its author put them.
        let others = record.fields.filter { !record.message.contains("\($0.name)=") }
        let fields = others.map { " \($0.name)=\($0.value)" }.joined()
        let trace = record.traceID.flatMap { record.message.contains($0) ? nil : " trace=\($0.prefix(8))" } ?? ""
        let head = "\(TimeText.local(record.time)) \(record.severity.letter) \(tag) "
        let body = record.stream == .fleet ? "--- \(record.message)" : record.message + fields + trace
        guard colour else { return head + body }
        return "\u{1b}[\(Self.code(record))m\(head)\u{1b}[0m\(body)"
    }

    private static func code(_ record: LogRecord) -> Int {
        switch record.severity {
        case .error, .fatal: 31
        case .warning: 33
        case .trace, .debug: 90
        case .unspecified, .info: 36
        }
    }
}
