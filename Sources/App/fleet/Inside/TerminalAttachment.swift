import FleetAPI
import FleetModel
import Foundation

/// One `fleet connect`: keys to the service, its terminal's bytes to ours, sizes as they change.
struct TerminalAttachment: Sendable {
    enum End: Sendable {
        /// By the detach key, or because the input ended.
        case detached
        /// The service's terminal, or its engine, is gone.
        case ended
        case signalled(Int32)
    }

    let client: any EngineClient
    let service: ServiceID

    /// Ctrl-], as telnet has it.
    private static let detachKey: UInt8 = 0x1D

    private enum News: Sendable {
        case keys([UInt8])
        case resized
        case end(End)
        case failed(EngineError)
    }

    /// Returns when it is over; the terminal is as it was before.
    func run() async throws -> End {
        let output = try await asked { () throws(EngineError) in try await client.terminal(service.rawValue) }
        let (news, continuation) = AsyncStream.makeStream(of: News.self)
        let signals = SignalWatch([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH]) { number, _ in
            continuation.yield(number == SIGWINCH ? .resized : .end(.signalled(number)))
        }
        defer { signals.stop() }
        Terminal.complain("connected to \(service); Ctrl-] leaves it running")
        let terminal = try RawTerminal()
        let keys = KeyReader { continuation.yield($0.map(News.keys) ?? .end(.detached)) }
        let showing = Task { continuation.yield(.end(await show(output))) }
        let telling = Task { await tellOfEnds() }
        defer {
            showing.cancel()
            telling.cancel()
            terminal.leave()
        }
        continuation.yield(.resized)
        return try await obey(news, keys)
    }

    private func obey(_ news: AsyncStream<News>, _ keys: KeyReader) async throws -> End {
        for await item in news {
            switch item {
            case .keys(let bytes):
                let own = bytes.prefix { $0 != Self.detachKey }
                if !own.isEmpty {
                    try await send(TerminalInput(service: service.rawValue, keys: .init(bytes: Array(own))))
                }
                if own.count < bytes.count { return .detached }
                keys.resume()
            case .resized:
                guard let size = RawTerminal.size else { continue }
                let cells = TerminalInput.Size(columns: size.columns, rows: size.rows)
                try await send(TerminalInput(service: service.rawValue, size: cells))
            case .end(let end): return end
            case .failed(let error): throw Failure(error)
            }
        }
        return .ended
    }

    private func send(_ input: TerminalInput) async throws {
        do throws(EngineError) {
            try await client.send(input)
        } catch {
            // A service that is between two lives takes no keys; the operator sees that on the screen.
            guard error.code != .notRunning else { throw Failure(error) }
        }
    }

    /// A screen that stands still because the service has ended looks like one that waits for keys.
    private func tellOfEnds() async {
        guard let snapshots = try? await client.snapshots() else { return }
        var wasAlive: Bool?
        do {
            for try await snapshot in snapshots {
                guard let now = snapshot[service] else { continue }
                defer { wasAlive = now.state.isAlive }
                guard !now.state.isAlive, wasAlive != false else { continue }
                let reason = now.reason.isEmpty ? now.state.rawValue : now.reason
                _ = Terminal.put(
                    "\r\n\u{1B}[0;7m \(service): \(reason); Ctrl-] leaves \u{1B}[0m\r\n",
                    to: STDOUT_FILENO
                )
            }
        } catch {}
    }

    private func show(_ output: AsyncThrowingStream<TerminalChunk, any Error>) async -> End {
        do {
            for try await chunk in output {
                guard Terminal.put(chunk.bytes, to: STDOUT_FILENO) else { return .signalled(SIGHUP) }
            }
        } catch {}
        return .ended
    }
}

/// Reads keys on a thread of its own, one portion at a time: the next is read when the last was sent.
private final class KeyReader: Sendable {
    private let turn = DispatchSemaphore(value: 0)

    /// - Parameter deliver: gets what was typed; `nil` when nothing more can come.
    init(_ deliver: @escaping @Sendable ([UInt8]?) -> Void) {
        let thread = Thread { [turn] in
            while let bytes = Self.read() {
                deliver(bytes)
                turn.wait()
            }
            deliver(nil)
        }
        thread.start()
    }

    func resume() { turn.signal() }

    private static func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = Foundation.read(STDIN_FILENO, &buffer, buffer.count)
            if count > 0 { return Array(buffer.prefix(count)) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                _ = poll(&entry, 1, -1)
                continue
            }
            return nil
        }
    }
}
