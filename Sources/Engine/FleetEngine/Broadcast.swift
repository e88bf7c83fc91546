import Synchronization

/// Hands each value to every subscriber. A slow subscriber loses the oldest values beyond its buffer, never the sender's
/// time or memory; the loss is counted.
final class Broadcast<Value: Sendable>: Sendable {
    private struct Subscribers {
        var next = 0
        var continuations: [Int: AsyncStream<Value>.Continuation] = [:]
        var dropped = 0
        var isFinished = false
    }

    private let subscribers = Mutex(Subscribers())

    var droppedCount: Int { subscribers.withLock { $0.dropped } }

    var isFinished: Bool { subscribers.withLock { $0.isFinished } }

    var hasSubscribers: Bool { subscribers.withLock { !$0.continuations.isEmpty } }

    /// `buffer`: values kept for a subscriber that does not keep up.
    func subscribe(buffer: Int) -> AsyncStream<Value> {
        let (stream, continuation) = AsyncStream<Value>.makeStream(bufferingPolicy: .bufferingNewest(buffer))
        let key = subscribers.withLock { subscribers -> Int? in
            if subscribers.isFinished { return nil }
            subscribers.next += 1
            subscribers.continuations[subscribers.next] = continuation
            return subscribers.next
        }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.subscribers.withLock { _ = $0.continuations.removeValue(forKey: key) }
        }
        return stream
    }

    func send(_ value: Value) {
        let targets = subscribers.withLock { Array($0.continuations.values) }
        var dropped = 0
        for target in targets {
            if case .dropped = target.yield(value) { dropped += 1 }
        }
        if dropped > 0 { subscribers.withLock { $0.dropped += dropped } }
    }

    func finish() {
        let targets = subscribers.withLock { subscribers in
            subscribers.isFinished = true
            defer { subscribers.continuations = [:] }
            return Array(subscribers.continuations.values)
        }
        for target in targets { target.finish() }
    }
}
