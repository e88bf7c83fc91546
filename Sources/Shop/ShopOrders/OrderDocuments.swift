import ShopKit

/// An order as the API shows it; the total in cents.
struct OrderDocument: Codable, Sendable {
    let id: String
    let userID: String
    let status: String
    let total: Int
    let reason: String?
    let items: [OrderLine]
    let createdAt: String

    enum CodingKeys: String, CodingKey {
        case id, status, total, reason, items
        case userID = "user_id"
        case createdAt = "created_at"
    }
}

/// What a client sends to place an order.
struct OrderDraft: Decodable, Sendable {
    struct Payment: Decodable, Sendable {
        let token: String?
    }

    let userID: String?
    let items: [OrderLine]?
    let payment: Payment?

    enum CodingKeys: String, CodingKey {
        case items, payment
        case userID = "user_id"
    }

    func validated() throws(Problem) -> OrderEvent {
        var errors: [Problem.FieldError] = []
        let user = (userID ?? "").trimmed
        if !(1...64).contains(user.utf8.count) { errors.append(.init("#/user_id", "must have 1 to 64 bytes")) }
        let items = items ?? []
        if !(1...50).contains(items.count) { errors.append(.init("#/items", "must have 1 to 50 lines")) }
        for (index, line) in items.enumerated() {
            if !(1...100).contains(line.quantity) {
                errors.append(.init("#/items/\(index)/quantity", "must be 1 to 100"))
            }
            if line.sku.isEmpty { errors.append(.init("#/items/\(index)/sku", "must not be empty")) }
        }
        let token = payment?.token ?? ""
        if !(1...128).contains(token.utf8.count) {
            errors.append(.init("#/payment/token", "must have 1 to 128 bytes"))
        }
        guard errors.isEmpty else { throw .invalid(errors) }
        return .placed(userID: user, items: items, token: token)
    }
}
