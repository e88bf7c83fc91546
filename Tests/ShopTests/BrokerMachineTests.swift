import ShopBus
import ShopKit
import Testing

struct BrokerMachineTests {
    private let publisher = ConnectionID(1)
    private let consumer = ConnectionID(2)
    private let other = ConnectionID(3)

    /// A broker with three connected clients.
    private func broker(_ limits: BrokerLimits = BrokerLimits()) -> BrokerMachine {
        var broker = BrokerMachine(limits: limits)
        for id in [publisher, consumer, other] {
            #expect(broker.connected(id) == true)
            let effects = broker.received(StompFrame("CONNECT", [.init("accept-version", "1.2")]), from: id, at: 0)
            #expect(sent(effects, to: id).map(\.command) == ["CONNECTED"])
        }
        return broker
    }

    private func sent(_ effects: [BrokerEffect], to id: ConnectionID) -> [StompFrame] {
        effects.compactMap { effect in
            guard case .send(id, let frame) = effect else { return nil }
            return frame
        }
    }

    private func bodies(_ effects: [BrokerEffect], to id: ConnectionID) -> [String] {
        sent(effects, to: id).filter { $0.command == "MESSAGE" }.map { String(decoding: $0.body, as: UTF8.self) }
    }

    private func send(_ body: String, to destination: String, _ broker: inout BrokerMachine) -> [BrokerEffect] {
        let frame = StompFrame("SEND", [.init("destination", destination)], body: Array(body.utf8))
        return broker.received(frame, from: publisher, at: 5)
    }

    private func subscribe(
        _ id: ConnectionID,
        to destination: String,
        _ broker: inout BrokerMachine,
        _ extra: [String: String] = [:]
    ) -> [BrokerEffect] {
        let settings = ["id": "s", "destination": destination, "ack": "client-individual"].merging(extra) { $1 }
        let headers = settings.sorted { $0.key < $1.key }.map { StompHeader($0.key, $0.value) }
        return broker.received(StompFrame("SUBSCRIBE", headers), from: id, at: 0)
    }

    private func settle(
        _ command: String,
        _ frame: StompFrame?,
        _ id: ConnectionID,
        _ broker: inout BrokerMachine
    )
        -> [BrokerEffect]
    {
        broker.received(StompFrame(command, [.init("id", frame?["ack"] ?? "?")]), from: id, at: 0)
    }

    private let durable = ["durable": "true", "auto-delete": "false", "x-queue-name": "mail"]

    @Test func `a queue keeps messages until somebody takes them`() {
        var broker = broker()
        #expect(bodies(send("one", to: "/queue/q", &broker), to: consumer).isEmpty)
        #expect(bodies(subscribe(consumer, to: "/queue/q", &broker), to: consumer) == ["one"])
        #expect(bodies(send("two", to: "/queue/q", &broker), to: consumer) == ["two"])
    }

    @Test func `what is stored is stored before it is confirmed`() throws {
        var broker = broker()
        let frame = StompFrame("SEND", [.init("destination", "/queue/q"), .init("receipt", "r")], body: [1])
        let effects = broker.received(frame, from: publisher, at: 0)
        let stored = try #require(effects.firstIndex { if case .store = $0 { true } else { false } })
        let receipt = StompFrame("RECEIPT", [.init("receipt-id", "r")])
        let confirmed = try #require(effects.firstIndex(of: .send(publisher, receipt)))
        #expect(stored < confirmed)
    }

    @Test func `consumers of a queue take turns`() {
        var broker = broker()
        _ = subscribe(consumer, to: "/queue/q", &broker)
        _ = subscribe(other, to: "/queue/q", &broker)
        let all = ["a", "b", "c", "d"].map { send($0, to: "/queue/q", &broker) }
        #expect(all.flatMap { bodies($0, to: consumer) } == ["a", "c"])
        #expect(all.flatMap { bodies($0, to: other) } == ["b", "d"])
    }

    @Test func `an acknowledged message is gone`() throws {
        var broker = broker()
        _ = subscribe(consumer, to: "/queue/q", &broker)
        let message = sent(send("x", to: "/queue/q", &broker), to: consumer).first
        let effects = settle("ACK", message, consumer, &broker)
        let sequence = try #require(message?["message-id"].flatMap(Int64.init))
        #expect(effects.contains(.remove(sequence: sequence)))
        #expect(broker.states.first { $0.name == "q" }?.unacknowledged == 0)
        #expect(bodies(broker.disconnected(consumer), to: other).isEmpty)
    }

    @Test func `what a dead consumer had not acknowledged goes to another, in order and marked`() {
        var broker = broker()
        _ = subscribe(consumer, to: "/queue/q", &broker)
        for body in ["a", "b", "c"] { _ = send(body, to: "/queue/q", &broker) }
        #expect(bodies(subscribe(other, to: "/queue/q", &broker), to: other).isEmpty)
        let effects = broker.disconnected(consumer)
        #expect(bodies(effects, to: other) == ["a", "b", "c"])
        #expect(sent(effects, to: other).allSatisfy { $0["redelivered"] == "true" })
    }

    @Test func `a message that fails too often goes to the dead letters`() {
        var limits = BrokerLimits()
        limits.deliveries = 3
        var broker = broker(limits)
        _ = subscribe(consumer, to: "/queue/q", &broker)
        var message = sent(send("poison", to: "/queue/q", &broker), to: consumer).first
        for _ in 0..<2 { message = sent(settle("NACK", message, consumer, &broker), to: consumer).first }
        #expect(message?["redelivered"] == "true")
        let effects = settle("NACK", message, consumer, &broker)
        #expect(effects.contains(.count(.deadLettered, queue: "q")))
        #expect(sent(effects, to: consumer).isEmpty)
        let dead = sent(subscribe(other, to: "/queue/dlq.q", &broker), to: other).first
        #expect(dead?["x-death-queue"] == "q")
        #expect(dead?["x-death-reason"] == "rejected")
    }

    @Test func `NACK without requeue buries at once`() {
        var broker = broker()
        _ = subscribe(consumer, to: "/queue/q", &broker)
        let message = sent(send("x", to: "/queue/q", &broker), to: consumer).first
        let nack = StompFrame("NACK", [.init("id", message?["ack"] ?? ""), .init("requeue", "false")])
        let effects = broker.received(nack, from: consumer, at: 0)
        #expect(effects.contains(.count(.deadLettered, queue: "q")))
    }

    @Test func `no more than the prefetch is under way`() {
        var broker = broker()
        _ = subscribe(consumer, to: "/queue/q", &broker, ["prefetch-count": "2"])
        let all = ["a", "b", "c"].map { send($0, to: "/queue/q", &broker) }
        #expect(all.flatMap { bodies($0, to: consumer) } == ["a", "b"])
        let first = all.flatMap { sent($0, to: consumer) }.first
        #expect(bodies(settle("ACK", first, consumer, &broker), to: consumer) == ["c"])
    }

    @Test func `client mode acknowledges everything before`() {
        var broker = broker()
        _ = subscribe(consumer, to: "/queue/q", &broker, ["ack": "client"])
        let frames = ["a", "b", "c"].flatMap { sent(send($0, to: "/queue/q", &broker), to: consumer) }
        _ = settle("ACK", frames.dropLast().last, consumer, &broker)
        #expect(broker.states.first { $0.name == "q" }?.unacknowledged == 1)
    }

    @Test func `a topic reaches every matching subscription, and nobody else`() {
        var broker = broker()
        _ = subscribe(consumer, to: "/topic/order.*", &broker)
        _ = subscribe(other, to: "/topic/user.*", &broker)
        let effects = send("x", to: "/topic/order.confirmed", &broker)
        #expect(bodies(effects, to: consumer) == ["x"])
        #expect(bodies(effects, to: other).isEmpty)
        #expect(send("y", to: "/topic/nobody", &broker) == [.count(.unrouted, queue: "/topic/nobody")])
    }

    @Test func `a durable subscription keeps messages while its consumer is away`() {
        var broker = broker()
        _ = subscribe(consumer, to: "/topic/order.*", &broker, durable)
        _ = broker.disconnected(consumer)
        _ = send("missed", to: "/topic/order.confirmed", &broker)
        #expect(bodies(subscribe(other, to: "/topic/order.*", &broker, durable), to: other) == ["missed"])
    }

    @Test func `a plain topic subscription ends with its connection`() {
        var broker = broker()
        _ = subscribe(consumer, to: "/topic/t", &broker)
        _ = broker.disconnected(consumer)
        #expect(broker.states.isEmpty)
    }

    @Test func `unsubscribing a durable subscription by name removes its queue`() {
        var broker = broker()
        _ = subscribe(consumer, to: "/topic/t", &broker, durable)
        let frame = StompFrame("UNSUBSCRIBE", [.init("id", "s"), .init("durable", "true")])
        let effects = broker.received(frame, from: consumer, at: 0)
        #expect(effects.contains(.dropQueue("mail")))
        #expect(broker.states.isEmpty)
    }

    @Test func `a restored queue delivers what it held, and numbers go on`() {
        var broker = BrokerMachine()
        let held = BrokerMessage(sequence: 41, destination: "/topic/t", headers: [], body: [0x61], sentAt: 1)
        broker.restore(queue: "mail", pattern: "t", messages: [held])
        #expect(broker.connected(consumer) == true)
        _ = broker.received(StompFrame("CONNECT", [.init("accept-version", "1.2")]), from: consumer, at: 0)
        let effects = subscribe(consumer, to: "/topic/t", &broker, durable)
        #expect(bodies(effects, to: consumer) == ["a"])
        let frame = StompFrame("SEND", [.init("destination", "/topic/t")])
        let next = broker.received(frame, from: consumer, at: 0)
        #expect(sent(next, to: consumer).first?["message-id"] == "42")
    }

    @Test func `a full queue lets its oldest go and says so`() {
        var limits = BrokerLimits()
        limits.messagesPerQueue = 2
        var broker = broker(limits)
        for body in ["a", "b", "c"] { _ = send(body, to: "/queue/q", &broker) }
        #expect(bodies(subscribe(consumer, to: "/queue/q", &broker), to: consumer) == ["b", "c"])
        #expect(send("d", to: "/queue/full", &broker).contains(.count(.overflowed, queue: "full")) == false)
    }

    @Test(arguments: [
        StompFrame("SEND", [.init("destination", "nowhere")]),
        StompFrame("SEND"),
        StompFrame("SUBSCRIBE", [.init("destination", "/queue/q")]),
        StompFrame("SUBSCRIBE", [.init("destination", "/queue/q"), .init("id", "1"), .init("ack", "maybe")]),
        StompFrame("ACK", [.init("id", "999")]),
        StompFrame("UNSUBSCRIBE", [.init("id", "none")]),
        StompFrame("BEGIN", [.init("transaction", "t")]),
        StompFrame("MESSAGE"),
    ])
    func `a frame that makes no sense is an ERROR and the end of the connection`(frame: StompFrame) {
        var broker = broker()
        let effects = broker.received(frame, from: publisher, at: 0)
        #expect(sent(effects, to: publisher).map(\.command) == ["ERROR"])
        #expect(effects.last == .close(publisher))
    }

    @Test func `nothing is served before CONNECT`() {
        var broker = BrokerMachine()
        #expect(broker.connected(publisher) == true)
        let effects = send("x", to: "/queue/q", &broker)
        #expect(sent(effects, to: publisher).map(\.command) == ["ERROR"])
        #expect(broker.states.isEmpty)
    }

    @Test func `every short life of two consumers keeps the broker's books straight`() {
        let words = ["send", "subscribe 2", "subscribe 3", "ack", "nack", "drop 2", "drop 3"]
        for first in words {
            for second in words {
                for third in words {
                    for fourth in words { live([first, second, third, fourth]) }
                }
            }
        }
    }

    /// Plays a script and checks that no message is lost or owned twice.
    private func live(_ script: [String]) {
        var broker = broker()
        var sentCount = 0
        var settled = 0
        var deliveries: [(id: ConnectionID, frame: StompFrame)] = []
        for word in script {
            var effects: [BrokerEffect] = []
            switch word {
            case "send":
                effects = send("m", to: "/queue/q", &broker)
                sentCount += 1
            case "ack", "nack":
                guard let last = deliveries.popLast() else { continue }
                effects = settle(word.uppercased(), last.frame, last.id, &broker)
                if word == "ack" { settled += 1 }
            default:
                let id = word.hasSuffix("2") ? consumer : other
                if word.hasPrefix("drop") {
                    effects = broker.disconnected(id)
                    deliveries.removeAll { $0.id == id }
                } else {
                    effects = subscribe(id, to: "/queue/q", &broker)
                }
            }
            if effects.contains(.close(consumer)) || effects.contains(.close(other)) { return }
            for id in [consumer, other] {
                deliveries += sent(effects, to: id).filter { $0.command == "MESSAGE" }.map { (id, $0) }
            }
        }
        let state = broker.states.first { $0.name == "q" }
        #expect((state?.depth ?? 0) + (state?.unacknowledged ?? 0) == sentCount - settled, "\(script)")
    }
}

struct TopicPatternTests {
    @Test(arguments: [
        ("order.confirmed", "order.confirmed", true), ("order.*", "order.confirmed", true),
        ("order.*", "order", false), ("order.*", "order.a.b", false), ("*.failed", "order.failed", true),
        ("order.#", "order", true), ("order.#", "order.a.b", true), ("#", "a.b.c", true), ("#", "", true),
        ("#.b", "a.b", true), ("#.b", "a.b.c", false), ("a.#.z", "a.z", true), ("a.#.z", "a.b.c.z", true),
        ("a.#.#.z", "a.b.z", true), ("user.*", "order.x", false),
    ])
    func `patterns match as in RabbitMQ`(pattern: String, topic: String, matches: Bool) {
        #expect(TopicPattern(pattern).matches(topic) == matches)
    }
}
