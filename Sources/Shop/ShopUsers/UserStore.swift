import GRDB
import ShopKit

/// The users table.
struct UserStore: Sendable {
    let database: ShopDatabase

    static func migrate(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("users") { db in
            try db.execute(
                sql: """
                    CREATE TABLE users (
                        sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
                        email TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL
                    )
                    """
            )
            try Outbox.createTable(in: db)
        }
    }

    /// Stores the user together with the event that says so.
    func create(name: String, email: String) async throws -> UserDocument {
        let user = UserDocument(id: SpanID.random().description, name: name, email: email, createdAt: WallClock.now)
        let event = OutboxEvent(
            "/topic/user.created",
            ["user_id": .string(user.id), "name": .string(name), "email": .string(email)]
        )
        try await database.write("INSERT", "users") { db in
            let taken = try Bool.fetchOne(
                db,
                sql: "SELECT EXISTS (SELECT 1 FROM users WHERE email = ?)",
                arguments: [email]
            )
            guard taken != true else { throw Problem.conflict("E-mail taken", "a user with this e-mail exists") }
            try db.execute(
                sql: "INSERT INTO users (id, name, email, created_at) VALUES (?, ?, ?, ?)",
                arguments: [user.id, name, email, user.createdAt]
            )
            try Outbox.add(event, in: db)
        }
        return user
    }

    func user(_ id: String) async throws -> UserDocument? {
        try await database.read("SELECT", "users") { db in
            try Row.fetchOne(db, sql: "SELECT * FROM users WHERE id = ?", arguments: [id]).map(Self.document)
        }
    }

    /// The newest users first.
    func newest(_ limit: Int) async throws -> [UserDocument] {
        try await database.read("SELECT", "users") { db in
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT * FROM users ORDER BY sequence DESC LIMIT ?",
                arguments: [limit]
            )
            return rows.map(Self.document)
        }
    }

    private static func document(_ row: Row) -> UserDocument {
        UserDocument(id: row["id"], name: row["name"], email: row["email"], createdAt: row["created_at"])
    }
}
