import Logging
import NIOCore
import ShopKit

/// The machine with its connections: inputs one after the other, each stored before its answers go out.
actor Broker {
    private var machine: BrokerMachine
    private var channels: [ConnectionID: any Channel] = [:]
    private var nextConnection = 1
    private let store: BrokerStore
    private let log: Logger
    private let events: CounterFamily
    private let refusals: CounterFamily
    /// What the store refused last, for the health check; nil once it works again.
    private(set) var storeFailure: String?

    init(store: BrokerStore, metrics: MetricRegistry, log: Logger) throws {
        self.store = store
        self.log = log
        events = metrics.counter(
            "bus_messages_total",
            help: "Messages by queue and by what happened to them.",
            labels: ["queue", "event"]
        )
        refusals = metrics.counter(
            "bus_connections_refused_total",
            help: "Connections ended by the broker.",
            labels: ["reason"]
        )
        var machine = BrokerMachine()
        try store.load(into: &machine)
        self.machine = machine
    }

    var states: [QueueState] { machine.states }
    var connectionCount: Int { machine.connectionCount }

    func accept(_ channel: any Channel) -> ConnectionID? {
        let id = ConnectionID(nextConnection)
        nextConnection += 1
        guard machine.connected(id) else {
            refusals.increment("too_many")
            return nil
        }
        channels[id] = channel
        return id
    }

    func received(_ frame: StompFrame, from id: ConnectionID) {
        perform(machine.received(frame, from: id, at: WallClock.nanoseconds))
    }

    func violated(_ id: ConnectionID, _ error: StompError) {
        // Counted rather than logged: whoever sends rubbish sends a lot of it.
        refusals.increment("malformed_frame")
        log.debug("malformed frame", metadata: ["cause": "\(error)"])
        perform(machine.violated(id, error))
    }

    func disconnected(_ id: ConnectionID) {
        channels[id] = nil
        perform(machine.disconnected(id))
    }

    private func perform(_ effects: [BrokerEffect]) {
        do {
            try store.apply(effects)
            storeFailure = nil
        } catch {
            // What is not stored must not be confirmed: the connections concerned end, and their clients send again.
            storeFailure = "\(error)"
            log.error("cannot store messages", metadata: ["cause": "\(error)"])
            for case .send(let id, _) in effects { channels[id]?.close(promise: nil) }
            return
        }
        for effect in effects {
            switch effect {
            case .send(let id, let frame): send(frame, to: id)
            case .close(let id): channels[id]?.close(promise: nil)
            case .count(let event, let queue): events.increment(queue, event.rawValue)
            case .storeQueue, .dropQueue, .store, .recordFailures, .remove: break
            }
        }
    }

    private func send(_ frame: StompFrame, to id: ConnectionID) {
        guard let channel = channels[id] else { return }
        // A consumer that does not read would make us keep its messages; without it they go to another or wait.
        guard channel.isWritable else {
            refusals.increment("slow_consumer")
            return channel.close(promise: nil)
        }
        channel.writeAndFlush(frame, promise: nil)
    }
}
