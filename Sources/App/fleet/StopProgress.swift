import FleetAPI
import FleetModel

/// Says on standard error, while services stop, what is still up, what is done about it and when the next step comes
/// (process-compose#354).
struct StopProgress: Sendable {
    let client: any EngineClient

    /// A stop that takes no longer needs no words.
    private static let silence = Duration.seconds(1)
    /// Between two looks.
    private static let spacing = Duration.seconds(2)

    /// Runs the work and reports until it is done.
    func during<Value: Sendable>(_ work: () async throws(Failure) -> Value) async throws(Failure) -> Value {
        let reporting = Task { await report() }
        defer { reporting.cancel() }
        return try await work()
    }

    /// Reports until cancelled, or until nothing is up.
    func report() async {
        var wait = Self.silence
        var last = ""
        while (try? await Task.sleep(for: wait)) != nil {
            wait = Self.spacing
            guard let line = await line(), !Task.isCancelled else { return }
            if line != last { Terminal.complain(line) }
            last = line
        }
    }

    /// `nil` when nothing is up, or nobody answers any more.
    private func line() async -> String? {
        guard let snapshot = try? await client.snapshot() else { return nil }
        let alive = snapshot.services.filter(\.state.isAlive)
        guard !alive.isEmpty else { return nil }
        let stopping = alive.filter { $0.state == .stopping }
        var sentences: [String] = []
        for service in stopping.prefix(5) {
            sentences.append((try? await client.why(service.id.rawValue))?.sentence ?? "\(service.id) is stopping")
        }
        if stopping.count > 5 { sentences.append("\(stopping.count - 5) more are stopping") }
        let behind = alive.filter { $0.state != .stopping }.map(\.id.rawValue)
        if !behind.isEmpty { sentences.append("after that \(behind.joined(separator: ", "))") }
        return "still up: " + sentences.joined(separator: "; ")
    }
}
