import GRDB
import ShopKit

/// A charge as the API shows it; the amount in cents.
struct ChargeDocument: Codable, Sendable {
    let id: String
    let orderID: String
    let amount: Int
    /// approved, declined, refunded, or voided: refunded before it was made.
    let status: String

    enum CodingKeys: String, CodingKey {
        case id, amount, status
        case orderID = "order_id"
    }
}

struct ChargeDraft: Decodable, Sendable {
    let key: String?
    let orderID: String?
    let amount: Int?
    let token: String?

    enum CodingKeys: String, CodingKey {
        case key, amount, token
        case orderID = "order_id"
    }

    /// Tokens that no bank accepts, and amounts no card covers.
    var isDeclined: Bool { token == "tok_declined" || (amount ?? 0) > 500_000 }

    func validated() throws(Problem) -> (key: String, order: String, amount: Int) {
        var errors: [Problem.FieldError] = []
        let key = key ?? ""
        if !(1...128).contains(key.utf8.count) { errors.append(.init("#/key", "must have 1 to 128 bytes")) }
        let amount = amount ?? -1
        if !(0...100_000_000).contains(amount) { errors.append(.init("#/amount", "must be 0 to 100000000 cents")) }
        if (token ?? "").isEmpty { errors.append(.init("#/token", "must not be empty")) }
        guard errors.isEmpty else { throw .invalid(errors) }
        return (key, orderID ?? key, amount)
    }
}

/// The charges table.
struct ChargeStore: Sendable {
    let database: ShopDatabase

    static func migrate(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("charges") { db in
            try db.execute(
                sql: """
                    CREATE TABLE charges (
                        id TEXT PRIMARY KEY, order_id TEXT NOT NULL, amount INTEGER NOT NULL, status TEXT NOT NULL,
                        created_at TEXT NOT NULL
                    )
                    """
            )
        }
    }

    func charge(_ id: String) async throws -> ChargeDocument? {
        try await database.read("SELECT", "charges") { db in try Self.charge(id, in: db) }
    }

    /// Records the decision about a charge; a key that was decided before keeps its decision.
    func record(_ draft: ChargeDocument) async throws -> (ChargeDocument, isNew: Bool) {
        try await database.write("INSERT", "charges") { db in
            if let known = try Self.charge(draft.id, in: db) { return (known, false) }
            try db.execute(
                sql: "INSERT INTO charges VALUES (?, ?, ?, ?, ?)",
                arguments: [draft.id, draft.orderID, draft.amount, draft.status, WallClock.now]
            )
            return (draft, true)
        }
    }

    /// Gives the money back. A charge that was never made is voided: should it still arrive, it is refused.
    func refund(_ id: String) async throws -> ChargeDocument {
        try await database.write("UPDATE", "charges") { db in
            guard let known = try Self.charge(id, in: db) else {
                let voided = ChargeDocument(id: id, orderID: id, amount: 0, status: "voided")
                try db.execute(
                    sql: "INSERT INTO charges VALUES (?, ?, 0, 'voided', ?)",
                    arguments: [id, id, WallClock.now]
                )
                return voided
            }
            guard known.status == "approved" else { return known }
            try db.execute(sql: "UPDATE charges SET status = 'refunded' WHERE id = ?", arguments: [id])
            return ChargeDocument(id: id, orderID: known.orderID, amount: known.amount, status: "refunded")
        }
    }

    private static func charge(_ id: String, in db: Database) throws -> ChargeDocument? {
        try Row.fetchOne(db, sql: "SELECT * FROM charges WHERE id = ?", arguments: [id]).map { row in
            ChargeDocument(id: row["id"], orderID: row["order_id"], amount: row["amount"], status: row["status"])
        }
    }
}
