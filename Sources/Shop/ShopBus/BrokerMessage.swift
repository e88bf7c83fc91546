package import ShopKit

package struct ConnectionID: Hashable, Sendable {
    private let ordinal: Int
    package init(_ ordinal: Int) { self.ordinal = ordinal }
}

/// A message in one queue. A message sent to a topic is one of these in each queue bound to it.
package struct BrokerMessage: Sendable, Equatable {
    /// Its place in its queue, and its key in the store; never used twice.
    package let sequence: Int64
    package let destination: String
    /// The sender's own headers, to be passed on.
    package let headers: [StompHeader]
    package let body: [UInt8]
    /// When it was sent, in nanoseconds since 1970.
    package let sentAt: UInt64
    /// How often it was handed to a consumer that did not acknowledge it.
    package var failures: Int

    package init(
        sequence: Int64,
        destination: String,
        headers: [StompHeader],
        body: [UInt8],
        sentAt: UInt64,
        failures: Int = 0
    ) {
        self.sequence = sequence
        self.destination = destination
        self.headers = headers
        self.body = body
        self.sentAt = sentAt
        self.failures = failures
    }

    func with(sequence: Int64, extra: [StompHeader] = []) -> BrokerMessage {
        BrokerMessage(
            sequence: sequence,
            destination: destination,
            headers: headers + extra,
            body: body,
            sentAt: sentAt
        )
    }
}

/// What the machine wants done, in this order: what is stored is stored before anything is sent.
package enum BrokerEffect: Sendable, Equatable {
    case send(ConnectionID, StompFrame)
    /// After what was sent before it has gone out.
    case close(ConnectionID)
    case storeQueue(String, pattern: String?)
    case dropQueue(String)
    case store(BrokerMessage, queue: String)
    case recordFailures(sequence: Int64, Int)
    case remove(sequence: Int64)
    case count(BrokerCount, queue: String)
}

/// Events worth counting, per queue.
package enum BrokerCount: String, Sendable, Equatable {
    case received, delivered, acknowledged, redelivered
    case deadLettered = "dead_lettered"
    /// Pushed out by newer messages of a full queue.
    case overflowed
    /// Sent to a topic nobody is subscribed to.
    case unrouted
}

package struct BrokerLimits: Sendable {
    package var connections = 1024
    package var subscriptionsPerConnection = 64
    package var queues = 4096
    package var messagesPerQueue = 50_000
    package var bytesPerQueue = 32 << 20
    package var prefetch = 64
    /// Deliveries without acknowledgement after which a message goes to the dead letters.
    package var deliveries = 5

    package init() {}
}
