import FleetAPI
import FleetModel
import Foundation

/// The merged log on standard output, for pipes, CI and terminals that cannot show the console.
struct StreamSession: Sendable {
    let client: any EngineClient
    /// One JSON document a line instead of text.
    let json: Bool
    /// This session stops the fleet when it ends.
    let ownsFleet: Bool

    private static let newestLines = 100

    private enum News: Sendable {
        /// The engine has nothing more to say.
        case ended
        /// Nobody reads any more: the terminal was closed, or the other end of the pipe.
        case closed
        case interrupted
    }

    /// - Throws: status 130 when the user would not wait for the end of the fleet.
    func run() async throws {
        // A reader that went away is an answer of `write`, not the end of us: the fleet may have to be stopped.
        signal(SIGPIPE, SIG_IGN)
        let (news, continuation) = AsyncStream.makeStream(of: News.self)
        let signals = SignalWatch { number, _ in continuation.yield(number == SIGHUP ? .closed : .interrupted) }
        defer { signals.stop() }
        let printing = Task { continuation.yield(await printLog()) }
        let watching = Task {
            try await waitUntilNobodyReads()
            continuation.yield(.closed)
        }
        defer {
            printing.cancel()
            watching.cancel()
        }
        try await obey(news)
    }

    /// Line by line, so that a slow reader slows the engine's sending and fills no memory here.
    private func printLog() async -> News {
        let printer = LinePrinter(json: json, colour: Terminal.hasColour)
        guard let records = try? await client.followLogs(await beginning()) else { return .ended }
        do {
            for try await record in records {
                guard Terminal.put(printer.line(record) + "\n", to: STDOUT_FILENO) else { return .closed }
            }
        } catch {}
        return .ended
    }

    /// Of a fleet that was just started from its first line: what the services said while they started matters most. Of one
    /// that runs already, the newest lines.
    private func beginning() async -> LogQuery {
        var query = LogQuery(direction: .forward)
        guard !ownsFleet, let next = try? await client.snapshot().totals.nextLog else { return query }
        let newest = try? await client.logs(LogQuery(cursor: next, limit: Self.newestLines))
        query.cursor = (newest?.records.first?.id ?? next) - 1
        return query
    }

    private func obey(_ news: AsyncStream<News>) async throws {
        var interruptions = 0
        var stop: Task<Void, Never>?
        for await item in news {
            switch item {
            case .ended:
                // What survived is worth a line.
                await stop?.value
                return
            case .closed:
                if ownsFleet { _ = try? await client.shutDown(ShutdownRequest()) }
                return
            case .interrupted:
                interruptions += 1
                guard ownsFleet else { return }
                switch interruptions {
                case 1: stop = self.stop()
                case 2: kill()
                default:
                    Terminal.complain("not waiting any longer; the engine goes on killing, its guardian after it")
                    throw Failure.silent(130)
                }
            }
        }
    }

    private func stop() -> Task<Void, Never> {
        Terminal.complain("stopping the fleet; Ctrl-C again kills it")
        return Task { [client] in
            let outcome = try? await StopProgress(client: client).during { () throws(Failure) in
                try await asked { () throws(EngineError) in try await client.shutDown(ShutdownRequest()) }
            }
            for message in outcome?.messages ?? [] { Terminal.complain(message) }
        }
    }

    private func kill() {
        Terminal.complain("killing the fleet; Ctrl-C again leaves without waiting")
        Task { [client] in _ = try? await client.shutDown(ShutdownRequest(kill: true)) }
    }

    /// Quiet services give no occasion to notice a closed pipe by writing to it.
    private func waitUntilNobodyReads() async throws {
        while true {
            var entry = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
            if poll(&entry, 1, 0) > 0, Int32(entry.revents) & (POLLERR | POLLHUP | POLLNVAL) != 0 { return }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
