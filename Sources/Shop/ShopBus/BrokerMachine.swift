package import ShopKit

/// A STOMP 1.2 broker as a value: connections, queues and what is owed to whom. Every input returns what is to be
/// stored and sent; there is no socket, database or clock in here.
///
/// A destination `/queue/NAME` is a durable queue. `/topic/NAME` goes to the queue of every matching subscription:
/// a durable one (`durable:true` and `auto-delete:false`, named by `x-queue-name` as RabbitMQ does) keeps its messages
/// while its consumer is away, any other lasts as long as its connection.
package struct BrokerMachine: Sendable {
    let limits: BrokerLimits
    var queues: [String: BrokerQueue] = [:]
    var sessions: [ConnectionID: BrokerSession] = [:]
    var nextSequence: Int64 = 1
    var nextAcknowledgement: Int64 = 1
    private var nextTemporary = 1

    package init(limits: BrokerLimits = BrokerLimits()) {
        self.limits = limits
    }

    /// A queue and its messages as they were stored, before the first connection.
    package mutating func restore(queue name: String, pattern: String?, messages: [BrokerMessage]) {
        var queue = BrokerQueue(name: name, pattern: pattern.map(TopicPattern.init), isDurable: true)
        for message in messages {
            queue.append(message)
            nextSequence = max(nextSequence, message.sequence + 1)
        }
        queues[name] = queue
    }

    /// A connection was accepted; false when there are too many already.
    package mutating func connected(_ id: ConnectionID) -> Bool {
        guard sessions.count < limits.connections else { return false }
        sessions[id] = BrokerSession()
        return true
    }

    /// A connection is gone: what it had not acknowledged goes back to the front of its queue.
    package mutating func disconnected(_ id: ConnectionID) -> [BrokerEffect] {
        guard let session = sessions.removeValue(forKey: id) else { return [] }
        var effects: [BrokerEffect] = []
        for subscription in session.subscriptions.values {
            effects += detach(subscription, of: id)
        }
        for (_, pending) in session.pending.sorted(by: { $0.key < $1.key }) {
            effects += giveBack(pending, reason: "consumer gone", canRequeue: true)
        }
        for queue in Set(session.pending.values.map(\.queue)) { effects += deliver(queue) }
        return effects
    }

    /// A frame arrived.
    ///
    /// `now`: the time of day in nanoseconds since 1970, for the message's age.
    package mutating func received(_ frame: StompFrame, from id: ConnectionID, at now: UInt64) -> [BrokerEffect] {
        guard let session = sessions[id] else { return [] }
        guard session.isConnected || frame.command == "CONNECT" || frame.command == "STOMP" else {
            return refuse(id, frame, "not connected", "the first frame must be CONNECT")
        }
        var effects: [BrokerEffect]
        switch frame.command {
        case "CONNECT", "STOMP": effects = connect(frame, from: id)
        case "SEND": effects = publish(frame, from: id, at: now)
        case "SUBSCRIBE": effects = subscribe(frame, from: id)
        case "UNSUBSCRIBE": effects = unsubscribe(frame, from: id)
        case "ACK": effects = acknowledge(frame, from: id)
        case "NACK": effects = reject(frame, from: id)
        case "DISCONNECT": effects = []
        default: return refuse(id, frame, "not supported", "\(frame.command) is not supported")
        }
        guard sessions[id] != nil, !effects.contains(.close(id)) else { return effects }
        if let receipt = frame["receipt"] {
            effects.append(.send(id, StompFrame("RECEIPT", [StompHeader("receipt-id", receipt)])))
        }
        if frame.command == "DISCONNECT" { effects.append(.close(id)) }
        return effects
    }

    /// A connection sent what is no frame.
    package mutating func violated(_ id: ConnectionID, _ error: StompError) -> [BrokerEffect] {
        refuse(id, nil, "malformed frame", "\(error)")
    }

    /// An ERROR frame, after which STOMP wants the connection closed.
    func refuse(_ id: ConnectionID, _ frame: StompFrame?, _ message: String, _ detail: String) -> [BrokerEffect] {
        var headers = [StompHeader("message", message), StompHeader("content-type", "text/plain")]
        if let receipt = frame?["receipt"] { headers.append(StompHeader("receipt-id", receipt)) }
        return [.send(id, StompFrame("ERROR", headers, body: Array(detail.utf8))), .close(id)]
    }

    private mutating func connect(_ frame: StompFrame, from id: ConnectionID) -> [BrokerEffect] {
        let versions = (frame["accept-version"] ?? "1.0").split(separator: ",")
        guard versions.contains("1.2") else {
            let headers = [StompHeader("version", "1.2"), StompHeader("message", "unsupported version")]
            return [.send(id, StompFrame("ERROR", headers)), .close(id)]
        }
        sessions[id]?.isConnected = true
        let headers = [
            StompHeader("version", "1.2"), StompHeader("server", "shop-bus/1.0"), StompHeader("heart-beat", "0,0"),
        ]
        return [.send(id, StompFrame("CONNECTED", headers))]
    }

    // MARK: - Sending

    private mutating func publish(_ frame: StompFrame, from id: ConnectionID, at now: UInt64) -> [BrokerEffect] {
        guard let destination = Destination(frame["destination"]) else {
            return refuse(id, frame, "bad destination", "SEND needs a destination /queue/NAME or /topic/NAME")
        }
        var message = BrokerMessage(
            sequence: 0,
            destination: destination.text,
            headers: frame.headers.filter { !Self.ownHeaders.contains($0.name) },
            body: frame.body,
            sentAt: now
        )
        var effects: [BrokerEffect] = []
        let targets: [String]
        switch destination {
        case .queue(let name):
            guard declare(name, pattern: nil, isDurable: true, &effects) else {
                return refuse(id, frame, "too many queues", "no more than \(limits.queues) queues")
            }
            targets = [name]
        case .topic(let name):
            targets = queues.values.filter { $0.pattern?.matches(name) == true }.map(\.name).sorted()
            if targets.isEmpty { effects.append(.count(.unrouted, queue: destination.text)) }
        }
        for target in targets {
            message = message.with(sequence: nextSequence)
            nextSequence += 1
            effects += enqueue(message, in: target)
        }
        for target in targets { effects += deliver(target) }
        return effects
    }

    /// Headers that belong to the hop, not to the message.
    private static let ownHeaders: Set<String> = [
        "destination", "receipt", "content-length", "transaction", "message-id", "subscription", "ack", "redelivered",
    ]

    // MARK: - Subscribing

    private mutating func subscribe(_ frame: StompFrame, from id: ConnectionID) -> [BrokerEffect] {
        guard let destination = Destination(frame["destination"]), let subscription = frame["id"] else {
            return refuse(id, frame, "bad subscription", "SUBSCRIBE needs an id and a destination")
        }
        guard let session = sessions[id], session.subscriptions[subscription] == nil,
            session.subscriptions.count < limits.subscriptionsPerConnection
        else { return refuse(id, frame, "bad subscription", "the id is in use, or there are too many subscriptions") }
        guard let mode = BrokerSession.AckMode(rawValue: frame["ack"] ?? "auto") else {
            return refuse(id, frame, "bad subscription", "ack must be auto, client or client-individual")
        }
        var effects: [BrokerEffect] = []
        let queue: String
        let isDeclared: Bool
        switch destination {
        case .queue(let name):
            queue = name
            isDeclared = declare(name, pattern: nil, isDurable: true, &effects)
        case .topic(let name):
            let isDurable = frame["durable"] == "true" && frame["auto-delete"] != "true"
            queue = isDurable ? frame["x-queue-name"] ?? "\(subscription).\(name)" : temporaryName()
            isDeclared = declare(queue, pattern: name, isDurable: isDurable, &effects)
        }
        guard isDeclared else { return refuse(id, frame, "too many queues", "no more than \(limits.queues) queues") }
        let prefetch = frame["prefetch-count"].flatMap(Int.init).map { min(max($0, 1), 1000) } ?? limits.prefetch
        sessions[id]?.subscriptions[subscription] = BrokerSession.Subscription(
            id: subscription,
            queue: queue,
            mode: mode,
            prefetch: prefetch
        )
        queues[queue]?.add(BrokerQueue.Consumer(connection: id, subscription: subscription))
        return effects + deliver(queue)
    }

    private mutating func temporaryName() -> String {
        defer { nextTemporary += 1 }
        return "temporary.\(nextTemporary)"
    }

    /// Makes sure the queue exists; false when there are too many. A durable subscription whose topic changed is
    /// bound anew and keeps its messages.
    private mutating func declare(
        _ name: String,
        pattern: String?,
        isDurable: Bool,
        _ effects: inout [BrokerEffect]
    ) -> Bool {
        if let existing = queues[name], existing.pattern?.text == pattern { return true }
        guard queues[name] != nil || queues.count < limits.queues else { return false }
        var queue = BrokerQueue(name: name, pattern: pattern.map(TopicPattern.init), isDurable: isDurable)
        if var old = queues[name] {
            for consumer in old.consumers { queue.add(consumer) }
            while let message = old.popFirst() { queue.append(message) }
        }
        queues[name] = queue
        if isDurable { effects.append(.storeQueue(name, pattern: pattern)) }
        return true
    }

    private mutating func unsubscribe(_ frame: StompFrame, from id: ConnectionID) -> [BrokerEffect] {
        guard let name = frame["id"], let subscription = sessions[id]?.subscriptions.removeValue(forKey: name) else {
            return refuse(id, frame, "no such subscription", "UNSUBSCRIBE needs the id of a subscription")
        }
        var effects = detach(subscription, of: id)
        let owed = sessions[id]?.pending.filter { $0.value.subscription == name } ?? [:]
        for (key, pending) in owed.sorted(by: { $0.key < $1.key }) {
            sessions[id]?.pending[key] = nil
            effects += giveBack(pending, reason: "unsubscribed", canRequeue: true)
        }
        if frame["durable"] == "true", queues[subscription.queue]?.pattern != nil {
            queues[subscription.queue] = nil
            effects.append(.dropQueue(subscription.queue))
        }
        return effects + deliver(subscription.queue)
    }

    /// Takes the consumer off its queue; a queue that lived for it goes.
    private mutating func detach(_ subscription: BrokerSession.Subscription, of id: ConnectionID) -> [BrokerEffect] {
        queues[subscription.queue]?.remove(BrokerQueue.Consumer(connection: id, subscription: subscription.id))
        if queues[subscription.queue]?.isDurable == false { queues[subscription.queue] = nil }
        return []
    }
}
