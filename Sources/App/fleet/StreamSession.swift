import FleetAPI
import FleetModel

/// The merged log on standard output, for pipes, CI and terminals that cannot show the console.
struct StreamSession: Sendable {
    let client: any EngineClient
    let ownsFleet: Bool

    private enum News: Sendable {
        case line(LogRecord)
        case ended
        case signal
    }

    func run() async throws {
        let (news, continuation) = AsyncStream.makeStream(of: News.self)
        let signals = SignalWatch { _, _ in continuation.yield(.signal) }
        defer { signals.stop() }
        let follower = Task { [client] in
            // From the beginning: what the services said while they started matters most.
            let query = LogQuery(direction: .forward)
            if let records = try? await client.followLogs(query) {
                do {
                    for try await record in records { continuation.yield(.line(record)) }
                } catch {}
            }
            continuation.yield(.ended)
        }
        defer { follower.cancel() }
        try await print(news)
    }

    private func print(_ news: AsyncStream<News>) async throws {
        let printer = LinePrinter(json: false, colour: Terminal.hasColour)
        var signals = 0
        for await item in news {
            switch item {
            case .line(let record): printer.say(record)
            case .ended: return
            case .signal:
                signals += 1
                guard ownsFleet else { return }
                Terminal.complain(signals == 1 ? "stopping the fleet; Ctrl-C again kills it" : "killing the fleet")
                let request = ShutdownRequest(kill: signals > 1)
                Task { [client] in _ = try? await client.shutDown(request) }
            }
        }
    }
}
