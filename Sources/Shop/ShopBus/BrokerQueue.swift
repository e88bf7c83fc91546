/// One queue: messages waiting, and the subscriptions that take them in turn.
struct BrokerQueue: Sendable {
    /// One consumer of the queue. Identified by its connection and its own id.
    struct Consumer: Sendable, Equatable {
        let connection: ConnectionID
        let subscription: String
    }

    let name: String
    /// The topic it is bound to; nil for a plain queue.
    let pattern: TopicPattern?
    /// Whether it outlives its consumers and the broker.
    let isDurable: Bool
    private(set) var byteCount = 0
    private(set) var consumers: [Consumer] = []
    private var waiting: [Int64: BrokerMessage] = [:]
    /// Sequences of `waiting` in delivery order; what was given back returns to its old place.
    private var order: SequenceHeap = SequenceHeap()
    private var nextConsumer = 0

    init(name: String, pattern: TopicPattern?, isDurable: Bool) {
        self.name = name
        self.pattern = pattern
        self.isDurable = isDurable
    }

    var depth: Int { waiting.count }
    var oldest: BrokerMessage? { order.first.flatMap { waiting[$0] } }

    mutating func append(_ message: BrokerMessage) {
        waiting[message.sequence] = message
        order.insert(message.sequence)
        byteCount += message.body.count
    }

    mutating func popFirst() -> BrokerMessage? {
        guard let sequence = order.popFirst(), let message = waiting.removeValue(forKey: sequence) else { return nil }
        byteCount -= message.body.count
        return message
    }

    mutating func add(_ consumer: Consumer) {
        consumers.append(consumer)
    }

    mutating func remove(_ consumer: Consumer) {
        consumers.removeAll { $0 == consumer }
    }

    /// The consumer whose turn it is among those that can take one more.
    mutating func takeTurn(where canTake: (Consumer) -> Bool) -> Consumer? {
        for offset in consumers.indices {
            let index = (nextConsumer + offset) % consumers.count
            if canTake(consumers[index]) {
                nextConsumer = (index + 1) % consumers.count
                return consumers[index]
            }
        }
        return nil
    }
}

/// A binary heap of sequence numbers, smallest first.
struct SequenceHeap: Sendable {
    private var items: [Int64] = []

    var first: Int64? { items.first }

    mutating func insert(_ item: Int64) {
        items.append(item)
        var index = items.count - 1
        while index > 0, items[index] < items[(index - 1) / 2] {
            items.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func popFirst() -> Int64? {
        guard let first = items.first, let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return first }
        items[0] = last
        var index = 0
        while true {
            let children = [2 * index + 1, 2 * index + 2].filter { $0 < items.count }
            guard let least = children.min(by: { items[$0] < items[$1] }), items[least] < items[index] else { break }
            items.swapAt(index, least)
            index = least
        }
        return first
    }
}
