import ShopKit

/// What the broker knows about one connection.
struct BrokerSession: Sendable {
    enum AckMode: String, Sendable {
        /// Delivered is done.
        case auto
        /// An acknowledgement covers everything delivered before it on the subscription.
        case client
        case clientIndividual = "client-individual"
    }

    struct Subscription: Sendable {
        let id: String
        let queue: String
        let mode: AckMode
        let prefetch: Int
        var unacknowledged = 0
    }

    /// A delivered message that waits for its acknowledgement.
    struct Pending: Sendable {
        let subscription: String
        let queue: String
        let message: BrokerMessage
    }

    var isConnected = false
    var subscriptions: [String: Subscription] = [:]
    /// By acknowledgement id.
    var pending: [Int64: Pending] = [:]

    /// The deliveries an acknowledgement of `id` covers, oldest first.
    func covered(by id: Int64) -> [Int64] {
        guard let one = pending[id], let subscription = subscriptions[one.subscription] else {
            return pending[id] == nil ? [] : [id]
        }
        guard subscription.mode == .client else { return [id] }
        return pending.filter { $0.key <= id && $0.value.subscription == one.subscription }.keys.sorted()
    }

    mutating func settle(_ id: Int64) -> Pending? {
        guard let one = pending.removeValue(forKey: id) else { return nil }
        subscriptions[one.subscription]?.unacknowledged -= 1
        return one
    }
}
