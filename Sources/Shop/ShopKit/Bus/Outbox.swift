package import GRDB

/// An event to publish, made while its cause is being handled so that it carries the cause's trace.
package struct OutboxEvent: Sendable {
    package let destination: String
    package let body: JSONValue
    let id = TraceID.random().description
    let context = ShopTracer.current

    /// `destination`: such as `/topic/order.confirmed`.
    package init(_ destination: String, _ body: JSONValue) {
        self.destination = destination
        self.body = body
    }
}

/// The transactional outbox: events are stored in the transaction that caused them and published afterwards, so
/// that neither exists without the other.
package enum Outbox {
    struct Row: Sendable {
        let sequence: Int64
        let eventID: String
        let destination: String
        let body: String
        let traceparent: String?
    }

    package static func createTable(in db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE outbox (
                    sequence INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE,
                    destination TEXT NOT NULL, body TEXT NOT NULL, traceparent TEXT, created_at TEXT NOT NULL
                )
                """
        )
    }

    package static func add(_ event: OutboxEvent, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO outbox (event_id, destination, body, traceparent, created_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [event.id, event.destination, event.body.text, event.context?.traceparent, WallClock.now]
        )
    }

    static func oldest(_ limit: Int, in db: Database) throws -> [Row] {
        let sql = "SELECT sequence, event_id, destination, body, traceparent FROM outbox ORDER BY sequence LIMIT ?"
        return try GRDB.Row.fetchAll(db, sql: sql, arguments: [limit]).map { row in
            Row(sequence: row[0], eventID: row[1], destination: row[2], body: row[3], traceparent: row[4])
        }
    }

    /// Removes what the broker has confirmed, up to and with `sequence`.
    static func remove(through sequence: Int64, in db: Database) throws {
        try db.execute(sql: "DELETE FROM outbox WHERE sequence <= ?", arguments: [sequence])
    }
}

/// The inbox: the ids of events already handled, so that an event delivered twice has its effect once.
package enum Inbox {
    /// Ids kept; a redelivery comes within seconds, not after this many other events.
    private static let limit: Int64 = 100_000

    package static func createTable(in db: Database) throws {
        try db.execute(
            sql: "CREATE TABLE inbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE)"
        )
    }

    /// Remembers the event, in the transaction of its effect; false when it was known.
    package static func isNew(_ eventID: String, in db: Database) throws -> Bool {
        try db.execute(sql: "INSERT OR IGNORE INTO inbox (event_id) VALUES (?)", arguments: [eventID])
        guard db.changesCount > 0 else { return false }
        try db.execute(sql: "DELETE FROM inbox WHERE sequence <= ?", arguments: [db.lastInsertedRowID - limit])
        return true
    }
}
