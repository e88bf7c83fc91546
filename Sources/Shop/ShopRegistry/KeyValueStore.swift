import Foundation
import GRDB
package import ShopKit

/// The key/value store's file: external configuration outlives the registry.
package struct KeyValueStore: Sendable {
    private let queue: DatabaseQueue

    package init(path: String, runtime: ShopRuntime) throws {
        let database = try ShopDatabase(
            path: path,
            name: "registry",
            tracer: runtime.tracer,
            metrics: runtime.metrics
        ) { migrator in
            migrator.registerMigration("keys") { db in
                try db.execute(
                    sql: """
                        CREATE TABLE keys (
                            key TEXT PRIMARY KEY, value BLOB NOT NULL, flags INTEGER NOT NULL,
                            create_index INTEGER NOT NULL, modify_index INTEGER NOT NULL
                        )
                        """
                )
            }
        }
        queue = database.queue
        runtime.health.add("database") { await database.failure() }
    }

    func load() throws -> [KeyEntry] {
        try queue.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM keys").map { row in
                let value: [UInt8] = Array(row["value"] as Data)
                let flags: Int64 = row["flags"]
                let created: Int64 = row["create_index"]
                let modified: Int64 = row["modify_index"]
                return KeyEntry(
                    key: row["key"],
                    value: value,
                    flags: UInt64(bitPattern: flags),
                    createIndex: UInt64(clamping: created),
                    modifyIndex: UInt64(clamping: modified)
                )
            }
        }
    }

    func save(_ entry: KeyEntry) throws {
        try queue.write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    entry.key, Data(entry.value), Int64(bitPattern: entry.flags), Int64(clamping: entry.createIndex),
                    Int64(clamping: entry.modifyIndex),
                ]
            )
        }
    }

    func remove(_ keys: [String]) throws {
        try queue.write { db in
            for key in keys { try db.execute(sql: "DELETE FROM keys WHERE key = ?", arguments: [key]) }
        }
    }
}
