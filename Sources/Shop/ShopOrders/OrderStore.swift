import Foundation
import GRDB
import ShopKit

/// The order events, the read model made from them, and the idempotency keys.
struct OrderStore: Sendable {
    /// Somebody else has written the order's next event.
    struct Outrun: Error {}

    let database: ShopDatabase

    static func migrate(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("orders") { db in
            try db.execute(
                sql: """
                    CREATE TABLE order_events (
                        sequence INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL, version INTEGER NOT NULL,
                        type TEXT NOT NULL, data TEXT NOT NULL, at TEXT NOT NULL, UNIQUE (order_id, version)
                    );
                    CREATE TABLE orders (
                        sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL,
                        status TEXT NOT NULL, total INTEGER NOT NULL, reason TEXT, items TEXT NOT NULL,
                        created_at TEXT NOT NULL, updated_at INTEGER NOT NULL
                    );
                    CREATE INDEX orders_open ON orders (updated_at) WHERE status IN ('pending', 'failing');
                    CREATE TABLE idempotency_keys (key TEXT PRIMARY KEY, order_id TEXT NOT NULL);
                    """
            )
            try Outbox.createTable(in: db)
        }
    }

    /// Places an order; with a key that was used before, answers the id of that order instead.
    ///
    /// - Returns: The id, and the saga when the order is new.
    func place(_ event: OrderEvent, key: String?) async throws -> (id: String, saga: OrderSaga?) {
        let id = SpanID.random().description
        return try await database.write("INSERT", "order_events") { db in
            if let key {
                let sql = "SELECT order_id FROM idempotency_keys WHERE key = ?"
                if let known = try String.fetchOne(db, sql: sql, arguments: [key]) { return (known, nil) }
                try db.execute(sql: "INSERT INTO idempotency_keys VALUES (?, ?)", arguments: [key, id])
            }
            guard let saga = OrderSaga(id: id, first: event) else { throw Outrun() }
            try Self.append(event, to: id, version: 0, in: db)
            let items = String(decoding: try JSONEncoder().encode(saga.items), as: UTF8.self)
            try db.execute(
                sql: """
                    INSERT INTO orders (id, user_id, status, total, items, created_at, updated_at)
                    VALUES (?, ?, ?, 0, ?, ?, ?)
                    """,
                arguments: [id, saga.userID, saga.status, items, WallClock.now, Self.seconds]
            )
            return (id, saga)
        }
    }

    /// Adds an event and brings the read model up to date, together with what is to be published.
    ///
    /// - Returns: The saga after the event.
    func append(_ event: OrderEvent, to saga: OrderSaga, publishing published: OutboxEvent?) async throws -> OrderSaga {
        var next = saga
        next.apply(event)
        let after = next
        try await database.write("INSERT", "order_events") { db in
            try Self.append(event, to: saga.id, version: saga.version, in: db)
            try db.execute(
                sql: "UPDATE orders SET status = ?, total = ?, reason = ?, updated_at = ? WHERE id = ?",
                arguments: [after.status, after.total, after.failure?.rawValue, Self.seconds, saga.id]
            )
            if let published { try Outbox.add(published, in: db) }
        }
        return after
    }

    private static func append(_ event: OrderEvent, to id: String, version: Int, in db: Database) throws {
        let data = String(decoding: try JSONEncoder().encode(event), as: UTF8.self)
        do {
            try db.execute(
                sql: "INSERT INTO order_events (order_id, version, type, data, at) VALUES (?, ?, ?, ?, ?)",
                arguments: [id, version, event.name, data, WallClock.now]
            )
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw Outrun()
        }
    }

    /// Orders that are under way and were not touched for a while: their process ended, or a service was away.
    func stalled(forSeconds age: Int64) async throws -> [OrderSaga] {
        try await database.quietly { db in
            let sql = "SELECT id FROM orders WHERE status IN ('pending', 'failing') AND updated_at <= ? LIMIT 20"
            let ids = try String.fetchAll(db, sql: sql, arguments: [Self.seconds - age])
            return try ids.compactMap { id in OrderSaga(id: id, events: try Self.events(of: id, in: db)) }
        }
    }

    private static func events(of id: String, in db: Database) throws -> [OrderEvent] {
        let sql = "SELECT data FROM order_events WHERE order_id = ? ORDER BY version"
        return try String.fetchAll(db, sql: sql, arguments: [id]).map { data in
            try JSONDecoder().decode(OrderEvent.self, from: Data(data.utf8))
        }
    }

    func order(_ id: String) async throws -> OrderDocument? {
        try await database.read("SELECT", "orders") { db in
            try Row.fetchOne(db, sql: "SELECT * FROM orders WHERE id = ?", arguments: [id]).map(Self.document)
        }
    }

    /// The newest orders first.
    func newest(_ limit: Int) async throws -> [OrderDocument] {
        try await database.read("SELECT", "orders") { db in
            let sql = "SELECT * FROM orders ORDER BY sequence DESC LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [limit]).map(Self.document)
        }
    }

    private static func document(_ row: Row) throws -> OrderDocument {
        let items: String = row["items"]
        return OrderDocument(
            id: row["id"],
            userID: row["user_id"],
            status: row["status"],
            total: row["total"],
            reason: row["reason"],
            items: try JSONDecoder().decode([OrderLine].self, from: Data(items.utf8)),
            createdAt: row["created_at"]
        )
    }

    private static var seconds: Int64 { Int64(WallClock.nanoseconds / 1_000_000_000) }
}
