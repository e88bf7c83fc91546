import ShopKit

/// A product as the API shows it; the price in cents.
struct ProductDocument: Encodable, Sendable {
    let sku: String
    let name: String
    let price: Int
    let stock: Int
}

/// One line of an order.
struct ReservationLine: Codable, Sendable, Equatable {
    let sku: String
    let quantity: Int
}

struct ReservationDraft: Decodable, Sendable {
    /// The client's key: the same key is the same reservation.
    let key: String?
    let items: [ReservationLine]?

    func validated() throws(Problem) -> (key: String, items: [ReservationLine]) {
        var errors: [Problem.FieldError] = []
        let key = key ?? ""
        if !(1...128).contains(key.utf8.count) { errors.append(.init("#/key", "must have 1 to 128 bytes")) }
        let items = items ?? []
        if !(1...50).contains(items.count) { errors.append(.init("#/items", "must have 1 to 50 lines")) }
        for (index, line) in items.enumerated() where !(1...1000).contains(line.quantity) {
            errors.append(.init("#/items/\(index)/quantity", "must be 1 to 1000"))
        }
        guard errors.isEmpty else { throw .invalid(errors) }
        return (key, items)
    }
}

/// A reservation as the API shows it; the total in cents.
struct ReservationDocument: Codable, Sendable {
    let id: String
    let status: String
    let total: Int
    let items: [ReservationLine]
}
