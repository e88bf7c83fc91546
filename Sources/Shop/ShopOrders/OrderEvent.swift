import ShopKit

/// One line of an order.
package struct OrderLine: Codable, Equatable, Sendable {
    package let sku: String
    package let quantity: Int

    package init(sku: String, quantity: Int) {
        self.sku = sku
        self.quantity = quantity
    }
}

/// Why an order did not come about.
package enum OrderFailure: String, Codable, Equatable, Sendable {
    case outOfStock = "out_of_stock"
    case unknownProduct = "unknown_product"
    case declined
    /// A service did not answer, however often it was asked.
    case unavailable
}

/// What happened to an order. The events are the truth; everything else is derived from them.
package enum OrderEvent: Codable, Equatable, Sendable {
    case placed(userID: String, items: [OrderLine], token: String)
    /// Products holds the items; they cost `total` cents.
    case reserved(total: Int)
    case charged
    case confirmed
    /// A step failed for good; what was done is being undone.
    case abandoned(OrderFailure)
    case refunded
    case released
    case failed

    /// The event's name in the table.
    package var name: String {
        switch self {
        case .placed: "placed"
        case .reserved: "reserved"
        case .charged: "charged"
        case .confirmed: "confirmed"
        case .abandoned: "abandoned"
        case .refunded: "refunded"
        case .released: "released"
        case .failed: "failed"
        }
    }
}
