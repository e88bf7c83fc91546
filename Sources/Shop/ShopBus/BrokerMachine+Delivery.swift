import ShopKit

extension BrokerMachine {
    // MARK: - Queues

    /// Puts the message into the queue; the oldest leave a queue that is full.
    mutating func enqueue(_ message: BrokerMessage, in name: String) -> [BrokerEffect] {
        guard var queue = queues.removeValue(forKey: name) else { return [] }
        defer { queues[name] = queue }
        var effects: [BrokerEffect] = [.count(.received, queue: name)]
        while queue.depth >= limits.messagesPerQueue || queue.byteCount + message.body.count > limits.bytesPerQueue {
            guard let oldest = queue.popFirst() else { break }
            if queue.isDurable { effects.append(.remove(sequence: oldest.sequence)) }
            effects.append(.count(.overflowed, queue: name))
        }
        queue.append(message)
        if queue.isDurable { effects.append(.store(message, queue: name)) }
        return effects
    }

    /// Hands out what the queue's consumers can take.
    mutating func deliver(_ name: String) -> [BrokerEffect] {
        guard var queue = queues.removeValue(forKey: name) else { return [] }
        defer { queues[name] = queue }
        var effects: [BrokerEffect] = []
        while queue.depth > 0 {
            let consumer = queue.takeTurn { consumer in
                guard let subscription = sessions[consumer.connection]?.subscriptions[consumer.subscription] else {
                    return false
                }
                return subscription.mode == .auto || subscription.unacknowledged < subscription.prefetch
            }
            guard let consumer, let message = queue.popFirst() else { break }
            effects += handOver(message, of: queue, to: consumer)
        }
        return effects
    }

    private mutating func handOver(
        _ message: BrokerMessage,
        of queue: BrokerQueue,
        to consumer: BrokerQueue.Consumer
    ) -> [BrokerEffect] {
        let subscription = sessions[consumer.connection]?.subscriptions[consumer.subscription]
        var headers = [
            StompHeader("subscription", consumer.subscription), StompHeader("message-id", "\(message.sequence)"),
            StompHeader("destination", message.destination),
        ]
        var effects: [BrokerEffect] = [.count(message.failures > 0 ? .redelivered : .delivered, queue: queue.name)]
        if message.failures > 0 { headers.append(StompHeader("redelivered", "true")) }
        if subscription?.mode == .auto {
            if queue.isDurable { effects.append(.remove(sequence: message.sequence)) }
        } else {
            headers.append(StompHeader("ack", "\(nextAcknowledgement)"))
            sessions[consumer.connection]?.subscriptions[consumer.subscription]?.unacknowledged += 1
            sessions[consumer.connection]?.pending[nextAcknowledgement] = BrokerSession.Pending(
                subscription: consumer.subscription,
                queue: queue.name,
                message: message
            )
            nextAcknowledgement += 1
        }
        let frame = StompFrame("MESSAGE", headers + message.headers, body: message.body)
        return effects + [.send(consumer.connection, frame)]
    }

    // MARK: - Acknowledging

    mutating func acknowledge(_ frame: StompFrame, from id: ConnectionID) -> [BrokerEffect] {
        settle(frame, from: id) { _, pending in
            [.remove(sequence: pending.message.sequence), .count(.acknowledged, queue: pending.queue)]
        }
    }

    /// NACK: back to the queue, or with `requeue:false` straight to the dead letters.
    mutating func reject(_ frame: StompFrame, from id: ConnectionID) -> [BrokerEffect] {
        let canRequeue = frame["requeue"] != "false"
        return settle(frame, from: id) { machine, pending in
            machine.giveBack(pending, reason: "rejected", canRequeue: canRequeue)
        }
    }

    private mutating func settle(
        _ frame: StompFrame,
        from id: ConnectionID,
        _ outcome: (inout BrokerMachine, BrokerSession.Pending) -> [BrokerEffect]
    ) -> [BrokerEffect] {
        guard let key = frame["id"].flatMap(Int64.init), let covered = sessions[id]?.covered(by: key), !covered.isEmpty
        else { return refuse(id, frame, "no such delivery", "\(frame.command) needs the id of a delivered message") }
        var effects: [BrokerEffect] = []
        var touched: Set<String> = []
        for key in covered {
            guard let pending = sessions[id]?.settle(key) else { continue }
            effects += outcome(&self, pending)
            touched.insert(pending.queue)
        }
        for queue in touched.sorted() { effects += deliver(queue) }
        return effects
    }

    /// Returns a message that was not acknowledged to its place, or moves it to the dead letters once it has failed
    /// often enough. The caller delivers afterwards.
    mutating func giveBack(_ pending: BrokerSession.Pending, reason: String, canRequeue: Bool) -> [BrokerEffect] {
        var message = pending.message
        guard let isDurable = queues[pending.queue]?.isDurable else { return [] }
        message.failures += 1
        guard !canRequeue || message.failures >= limits.deliveries else {
            queues[pending.queue]?.append(message)
            return isDurable ? [.recordFailures(sequence: message.sequence, message.failures)] : []
        }
        var effects: [BrokerEffect] = [.count(.deadLettered, queue: pending.queue)]
        if isDurable { effects.append(.remove(sequence: message.sequence)) }
        // A message that fails among the dead letters is not buried twice.
        guard !pending.queue.hasPrefix("dlq.") else { return effects }
        let grave = "dlq.\(pending.queue)"
        if queues[grave] == nil {
            guard queues.count < limits.queues else { return effects }
            queues[grave] = BrokerQueue(name: grave, pattern: nil, isDurable: true)
            effects.append(.storeQueue(grave, pattern: nil))
        }
        let extra = [StompHeader("x-death-queue", pending.queue), StompHeader("x-death-reason", reason)]
        let dead = message.with(sequence: nextSequence, extra: extra)
        nextSequence += 1
        return effects + enqueue(dead, in: grave) + deliver(grave)
    }
}

/// Where a SEND goes and a SUBSCRIBE listens.
enum Destination: Sendable {
    case queue(String)
    case topic(String)

    /// Reads `/queue/NAME` and `/topic/NAME`; the name is 1 to 255 bytes.
    init?(_ text: String?) {
        guard let text else { return nil }
        for (prefix, make) in [("/queue/", Destination.queue), ("/topic/", Destination.topic)] {
            guard text.hasPrefix(prefix) else { continue }
            let name = String(text.dropFirst(prefix.count))
            guard (1...255).contains(name.utf8.count) else { return nil }
            self = make(name)
            return
        }
        return nil
    }

    var text: String {
        switch self {
        case .queue(let name): "/queue/\(name)"
        case .topic(let name): "/topic/\(name)"
        }
    }
}

/// How much a queue holds, for the metrics.
package struct QueueState: Sendable, Equatable {
    package let name: String
    package let depth: Int
    package let unacknowledged: Int
    package let consumers: Int
    /// When its oldest waiting message was sent, in nanoseconds since 1970.
    package let oldest: UInt64?
}

extension BrokerMachine {
    package var connectionCount: Int { sessions.count }

    package var states: [QueueState] {
        var owed: [String: Int] = [:]
        for pending in sessions.values.flatMap(\.pending.values) { owed[pending.queue, default: 0] += 1 }
        return queues.values.sorted { $0.name < $1.name }.map { queue in
            QueueState(
                name: queue.name,
                depth: queue.depth,
                unacknowledged: owed[queue.name] ?? 0,
                consumers: queue.consumers.count,
                oldest: queue.oldest?.sentAt
            )
        }
    }
}
