import FleetAPI
import FleetModel
import Foundation

/// The merged log on standard output, for pipes, CI and terminals that cannot show the console.
struct StreamSession: Sendable {
    let client: any EngineClient
    let ownsFleet: Bool

    private enum News: Sendable {
        /// The engine has nothing more to say.
        case ended
        /// Nobody reads any more: the terminal was closed, or the other end of the pipe.
        case closed
        case signal
    }

    func run() async throws {
        // A reader that went away is an answer of `write`, not the end of us: the fleet may have to be stopped.
        signal(SIGPIPE, SIG_IGN)
        let (news, continuation) = AsyncStream.makeStream(of: News.self)
        let signals = SignalWatch { number, _ in continuation.yield(number == SIGHUP ? .closed : .signal) }
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
        await obey(news)
    }

    /// Line by line, so that a slow reader slows the engine's sending and fills no memory here.
    private func printLog() async -> News {
        let printer = LinePrinter(json: false, colour: Terminal.hasColour)
        // From the beginning: what the services said while they started matters most.
        guard let records = try? await client.followLogs(LogQuery(direction: .forward)) else { return .ended }
        do {
            for try await record in records {
                guard Terminal.put(printer.line(record) + "\n", to: STDOUT_FILENO) else { return .closed }
            }
        } catch {}
        return .ended
    }

    private func obey(_ news: AsyncStream<News>) async {
        var signals = 0
        for await item in news {
            switch item {
            case .ended: return
            case .closed:
                if ownsFleet { _ = try? await client.shutDown(ShutdownRequest()) }
                return
            case .signal:
                signals += 1
                guard ownsFleet else { return }
                Terminal.complain(signals == 1 ? "stopping the fleet; Ctrl-C again kills it" : "killing the fleet")
                let request = ShutdownRequest(kill: signals > 1)
                Task { [client] in _ = try? await client.shutDown(request) }
            }
        }
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
