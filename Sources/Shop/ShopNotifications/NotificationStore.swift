import GRDB
import ShopKit

struct NotificationDocument: Encodable, Sendable {
    let id: Int64
    let event: String
    let recipient: String
    let text: String
    let at: String
}

/// What was told to whom; each event once, however often it is delivered.
struct NotificationStore: Sendable {
    /// Notifications kept.
    private static let limit: Int64 = 50_000

    let database: ShopDatabase

    static func migrate(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("notifications") { db in
            try db.execute(
                sql: """
                    CREATE TABLE notifications (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, recipient TEXT NOT NULL,
                        text TEXT NOT NULL, at TEXT NOT NULL
                    )
                    """
            )
            try Inbox.createTable(in: db)
        }
    }

    /// Stores the notification unless its event is known; answers whether it was new.
    func add(_ event: String, recipient: String, text: String, eventID: String) async throws -> Bool {
        try await database.write("INSERT", "notifications") { db in
            guard try Inbox.isNew(eventID, in: db) else { return false }
            try db.execute(
                sql: "INSERT INTO notifications (event, recipient, text, at) VALUES (?, ?, ?, ?)",
                arguments: [event, recipient, text, WallClock.now]
            )
            try db.execute(
                sql: "DELETE FROM notifications WHERE id <= ?",
                arguments: [db.lastInsertedRowID - Self.limit]
            )
            return true
        }
    }

    /// The newest first.
    func newest(_ limit: Int) async throws -> [NotificationDocument] {
        try await database.read("SELECT", "notifications") { db in
            let sql = "SELECT * FROM notifications ORDER BY id DESC LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [limit]).map { row in
                NotificationDocument(
                    id: row["id"],
                    event: row["event"],
                    recipient: row["recipient"],
                    text: row["text"],
                    at: row["at"]
                )
            }
        }
    }
}
