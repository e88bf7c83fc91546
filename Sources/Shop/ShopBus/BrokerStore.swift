import Foundation
import GRDB
import ShopKit

/// Queues and messages on disk. Written before anything is sent, so that a receipt means stored.
final class BrokerStore: Sendable {
    private let queue: DatabaseQueue

    init(path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.journalMode = .wal
        queue = try DatabaseQueue(path: path, configuration: configuration)
        var migrator = DatabaseMigrator()
        migrator.registerMigration("queues and messages") { db in
            try db.execute(
                sql: """
                    CREATE TABLE queues (name TEXT PRIMARY KEY, pattern TEXT);
                    CREATE TABLE messages (
                        sequence INTEGER PRIMARY KEY, queue TEXT NOT NULL, destination TEXT NOT NULL,
                        headers TEXT NOT NULL, body BLOB NOT NULL, sent_at INTEGER NOT NULL, failures INTEGER NOT NULL
                    );
                    """
            )
        }
        try migrator.migrate(queue)
    }

    /// The machine as it was when the last broker ended.
    func load(into machine: inout BrokerMachine) throws {
        let (queues, messages) = try queue.read { db in
            let queues = try Row.fetchAll(db, sql: "SELECT name, pattern FROM queues").map { row in
                (name: row[0] as String, pattern: row[1] as String?)
            }
            let rows = try Row.fetchAll(db, sql: "SELECT * FROM messages ORDER BY sequence")
            return (queues, rows.map { (queue: $0["queue"] as String, message: Self.message($0)) })
        }
        let byQueue = Dictionary(grouping: messages, by: \.queue)
        for (name, pattern) in queues {
            machine.restore(queue: name, pattern: pattern, messages: byQueue[name]?.map(\.message) ?? [])
        }
    }

    /// Applies the storing effects in one transaction.
    func apply(_ effects: [BrokerEffect]) throws {
        let storing = effects.filter(\.isStoring)
        guard !storing.isEmpty else { return }
        try queue.write { db in
            for effect in storing { try Self.apply(effect, in: db) }
        }
    }

    func failure() async -> String? {
        do {
            _ = try await queue.read { db in try Int.fetchOne(db, sql: "SELECT 1") }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func apply(_ effect: BrokerEffect, in db: Database) throws {
        switch effect {
        case .storeQueue(let name, let pattern):
            try db.execute(sql: "INSERT OR REPLACE INTO queues VALUES (?, ?)", arguments: [name, pattern])
        case .dropQueue(let name):
            try db.execute(sql: "DELETE FROM queues WHERE name = ?", arguments: [name])
            try db.execute(sql: "DELETE FROM messages WHERE queue = ?", arguments: [name])
        case .store(let message, let queue):
            let headers = JSONValue.array(message.headers.map { [.string($0.name), .string($0.value)] }).text
            let statement = try db.cachedStatement(sql: "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)")
            try statement.execute(
                arguments: [
                    message.sequence, queue, message.destination, headers, Data(message.body),
                    Int64(clamping: message.sentAt), message.failures,
                ]
            )
        case .recordFailures(let sequence, let count):
            try db.execute(sql: "UPDATE messages SET failures = ? WHERE sequence = ?", arguments: [count, sequence])
        case .remove(let sequence):
            let statement = try db.cachedStatement(sql: "DELETE FROM messages WHERE sequence = ?")
            try statement.execute(arguments: [sequence])
        case .send, .close, .count:
            break
        }
    }

    private static func message(_ row: Row) -> BrokerMessage {
        let text: String = row["headers"]
        let parsed = try? JSONDecoder().decode([[String]].self, from: Data(text.utf8))
        let sentAt: Int64 = row["sent_at"]
        let body: Data = row["body"]
        return BrokerMessage(
            sequence: row["sequence"],
            destination: row["destination"],
            headers: (parsed ?? []).compactMap { $0.count == 2 ? StompHeader($0[0], $0[1]) : nil },
            body: Array(body),
            sentAt: UInt64(clamping: sentAt),
            failures: row["failures"]
        )
    }
}

extension BrokerEffect {
    fileprivate var isStoring: Bool {
        switch self {
        case .storeQueue, .dropQueue, .store, .recordFailures, .remove: true
        case .send, .close, .count: false
        }
    }
}
