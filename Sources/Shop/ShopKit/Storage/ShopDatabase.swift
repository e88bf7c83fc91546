import Foundation
package import GRDB

/// A service's own SQLite database, in write-ahead mode. A locked file is waited for; each operation of a traced
/// request is a client span.
package final class ShopDatabase: Sendable {
    /// The connection itself, for work that is neither traced nor measured.
    package let queue: DatabaseQueue
    private let name: String
    private let tracer: ShopTracer
    private let durations: HistogramFamily

    /// Opens or creates the file at `path`, its folder included, and brings its schema up to date.
    package init(
        path: String,
        name: String,
        tracer: ShopTracer,
        metrics: MetricRegistry,
        migrate: (inout DatabaseMigrator) -> Void
    ) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.journalMode = .wal
        queue = try DatabaseQueue(path: path, configuration: configuration)
        self.name = name
        self.tracer = tracer
        durations = metrics.histogram(
            "db_client_operation_duration_seconds",
            help: "Time of a database operation, in seconds.",
            labels: ["operation", "collection"],
            bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5]
        )
        var migrator = DatabaseMigrator()
        migrate(&migrator)
        try migrator.migrate(queue)
    }

    /// `operation`: what is done, such as `SELECT`; names the span together with the table.
    /// `table`: the table it is mainly done to.
    package func read<T: Sendable>(
        _ operation: String,
        _ table: String,
        _ body: @Sendable @escaping (Database) throws -> T
    ) async throws -> T {
        try await observed(operation, table) { try await queue.read(body) }
    }

    /// One transaction; it rolls back when `body` throws.
    package func write<T: Sendable>(
        _ operation: String,
        _ table: String,
        _ body: @Sendable @escaping (Database) throws -> T
    ) async throws -> T {
        try await observed(operation, table) { try await queue.write(body) }
    }

    /// A transaction of the service's own housekeeping, without span or metric.
    package func quietly<T: Sendable>(_ body: @Sendable @escaping (Database) throws -> T) async throws -> T {
        try await queue.write(body)
    }

    package func count(_ table: String) async throws -> Int {
        try await queue.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table.quotedDatabaseIdentifier)") ?? 0
        }
    }

    /// For the health checks: nil when the database answers.
    package func failure() async -> String? {
        do {
            _ = try await queue.read { db in try Int.fetchOne(db, sql: "SELECT 1") }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func observed<T>(_ operation: String, _ table: String, _ body: () async throws -> T) async throws -> T {
        let start = ContinuousClock.now
        defer { durations.observe(operation, table, value: (ContinuousClock.now - start).inSeconds) }
        return try await tracer.spanIfTraced("\(operation) \(table)", .client) { span in
            span?.set("db.system.name", "sqlite")
            span?.set("db.namespace", name)
            span?.set("db.operation.name", operation)
            span?.set("db.collection.name", table)
            return try await body()
        }
    }
}
