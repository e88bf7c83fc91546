internal import Synchronization

/// What the terminal of one service shows, across its lives: the last bytes for whoever comes, then everything as it is
/// read. Bytes are handed out as the service wrote them; making a picture of them is the reader's work.
final class TerminalScreen: OutputTap {
    struct Size: Sendable, Hashable {
        var columns = 80
        var rows = 24

        /// Within what any terminal can be; a nonsensical size is made the nearest one.
        func clamped() -> Size { Size(columns: min(max(1, columns), 4096), rows: min(max(1, rows), 4096)) }
    }

    /// Bytes that a new subscriber gets at once.
    static let replayLimit = 64 << 10
    /// Bytes of one element of a stream.
    static let chunkLimit = 16 << 10
    /// Elements that wait for a slow subscriber; then it loses the oldest.
    static let backlogLimit = 256

    private struct State {
        var size = Size()
        var recent: [UInt8] = []
        var subscribers: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
        var nextSubscriber = 0
        var dropped = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    var size: Size {
        get { state.withLock { $0.size } }
        set { state.withLock { $0.size = newValue.clamped() } }
    }

    /// Elements that subscribers were too slow for.
    var dropped: Int { state.withLock { $0.dropped } }

    func received(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { state in
            state.recent.append(contentsOf: bytes)
            if state.recent.count > 2 * Self.replayLimit {
                state.recent.removeFirst(state.recent.count - Self.replayLimit)
            }
            guard !state.subscribers.isEmpty else { return }
            for chunk in Self.chunks(Array(bytes)) {
                for subscriber in state.subscribers.values {
                    if case .dropped = subscriber.yield(chunk) { state.dropped += 1 }
                }
            }
        }
    }

    /// A life is over; the screen stays.
    func ended() {}

    /// Ends when the screen is closed or the consumer goes away.
    func subscribe() -> AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: [UInt8].self,
            bufferingPolicy: .bufferingNewest(Self.backlogLimit)
        )
        let subscriber = state.withLock { state -> Int? in
            for chunk in Self.chunks(Self.replay(state.recent)) { continuation.yield(chunk) }
            guard !state.isClosed else { return nil }
            state.nextSubscriber += 1
            state.subscribers[state.nextSubscriber] = continuation
            return state.nextSubscriber
        }
        guard let subscriber else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.subscribers.removeValue(forKey: subscriber) }
        }
        return stream
    }

    func close() {
        let subscribers = state.withLock { state in
            defer { state.subscribers = [:] }
            state.isClosed = true
            return Array(state.subscribers.values)
        }
        // Outside the lock: this calls `onTermination`, which takes it.
        for subscriber in subscribers { subscriber.finish() }
    }

    /// The last bytes; when older ones are cut off, from behind a newline if one is near, so that the reader does not
    /// begin in the middle of an escape sequence.
    static func replay(_ recent: [UInt8]) -> [UInt8] {
        guard recent.count > replayLimit else { return recent }
        let tail = recent.suffix(replayLimit)
        let newline = tail.prefix(4096).firstIndex(of: UInt8(ascii: "\n"))
        return Array(newline.map { tail[($0 + 1)...] } ?? tail)
    }

    private static func chunks(_ bytes: [UInt8]) -> [[UInt8]] {
        guard bytes.count > chunkLimit else { return bytes.isEmpty ? [] : [bytes] }
        return stride(from: 0, to: bytes.count, by: chunkLimit).map {
            Array(bytes[$0..<min(bytes.count, $0 + chunkLimit)])
        }
    }
}
