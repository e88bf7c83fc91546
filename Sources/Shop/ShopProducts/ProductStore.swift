import Foundation
import GRDB
import ShopKit

/// Catalogue, stock and reservations.
struct ProductStore: Sendable {
    /// Units a delivery fills a product up to.
    static let fullStock = 500

    let database: ShopDatabase

    static func migrate(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("products") { db in
            try db.execute(
                sql: """
                    CREATE TABLE products (
                        sku TEXT PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL,
                        stock INTEGER NOT NULL CHECK (stock >= 0)
                    );
                    CREATE TABLE reservations (
                        id TEXT PRIMARY KEY, status TEXT NOT NULL, total INTEGER NOT NULL, items TEXT NOT NULL,
                        created_at TEXT NOT NULL
                    );
                    """
            )
            for (index, product) in seed.enumerated() {
                try db.execute(
                    sql: "INSERT INTO products VALUES (?, ?, ?, ?)",
                    arguments: ["SKU-\(index + 1)", product.name, product.price, fullStock]
                )
            }
            try Inbox.createTable(in: db)
        }
    }

    func all() async throws -> [ProductDocument] {
        try await database.read("SELECT", "products") { db in
            try Row.fetchAll(db, sql: "SELECT * FROM products ORDER BY rowid").map(Self.document)
        }
    }

    func product(_ sku: String) async throws -> ProductDocument? {
        try await database.read("SELECT", "products") { db in
            try Row.fetchOne(db, sql: "SELECT * FROM products WHERE sku = ?", arguments: [sku]).map(Self.document)
        }
    }

    /// Takes the items from stock, all or none. The same key again gives the same answer and takes nothing.
    ///
    /// - Returns: The reservation, and whether it is new.
    func reserve(_ key: String, _ items: [ReservationLine]) async throws -> (ReservationDocument, isNew: Bool) {
        try await database.write("INSERT", "reservations") { db in
            if let known = try Self.reservation(key, in: db) { return (known, false) }
            var total = 0
            for line in items {
                let sql = "SELECT price, stock FROM products WHERE sku = ?"
                guard let row = try Row.fetchOne(db, sql: sql, arguments: [line.sku]) else {
                    throw Problem.unprocessable("Unknown product", "there is no product \(line.sku)")
                }
                let (price, stock): (Int, Int) = (row[0], row[1])
                guard stock >= line.quantity else {
                    throw Problem.conflict("Out of stock", "\(stock) of \(line.sku) left, \(line.quantity) wanted")
                }
                try db.execute(
                    sql: "UPDATE products SET stock = stock - ? WHERE sku = ?",
                    arguments: [line.quantity, line.sku]
                )
                total += price * line.quantity
            }
            let document = ReservationDocument(id: key, status: "held", total: total, items: items)
            let lines = String(decoding: try JSONEncoder().encode(items), as: UTF8.self)
            try db.execute(
                sql: "INSERT INTO reservations VALUES (?, 'held', ?, ?, ?)",
                arguments: [key, total, lines, WallClock.now]
            )
            return (document, true)
        }
    }

    /// Puts the items back. What is released or sold stays as it is; an unknown key is remembered as released, so
    /// that a reservation that arrives after its release holds nothing.
    func release(_ key: String) async throws {
        try await database.write("UPDATE", "reservations") { db in
            guard let reservation = try Self.reservation(key, in: db) else {
                let sql = "INSERT INTO reservations VALUES (?, 'released', 0, '[]', ?)"
                return try db.execute(sql: sql, arguments: [key, WallClock.now])
            }
            guard reservation.status == "held" else { return }
            for line in reservation.items {
                try db.execute(
                    sql: "UPDATE products SET stock = stock + ? WHERE sku = ?",
                    arguments: [line.quantity, line.sku]
                )
            }
            try db.execute(sql: "UPDATE reservations SET status = 'released' WHERE id = ?", arguments: [key])
        }
    }

    /// The order was confirmed: what was held is sold. Once per event.
    func markSold(_ key: String, event: String) async throws {
        try await database.write("UPDATE", "reservations") { db in
            guard try Inbox.isNew(event, in: db) else { return }
            try db.execute(
                sql: "UPDATE reservations SET status = 'sold' WHERE id = ? AND status = 'held'",
                arguments: [key]
            )
        }
    }

    /// Fills up what is running low.
    ///
    /// - Returns: The products that were delivered.
    func restock(below threshold: Int) async throws -> [String] {
        try await database.quietly { db in
            let low = try String.fetchAll(db, sql: "SELECT sku FROM products WHERE stock < ?", arguments: [threshold])
            for sku in low {
                try db.execute(sql: "UPDATE products SET stock = ? WHERE sku = ?", arguments: [Self.fullStock, sku])
            }
            return low
        }
    }

    func stock() async throws -> [(sku: String, stock: Int)] {
        try await database.quietly { db in
            try Row.fetchAll(db, sql: "SELECT sku, stock FROM products").map { ($0[0], $0[1]) }
        }
    }

    private static func reservation(_ key: String, in db: Database) throws -> ReservationDocument? {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM reservations WHERE id = ?", arguments: [key]) else {
            return nil
        }
        let lines: String = row["items"]
        return ReservationDocument(
            id: key,
            status: row["status"],
            total: row["total"],
            items: try JSONDecoder().decode([ReservationLine].self, from: Data(lines.utf8))
        )
    }

    private static func document(_ row: Row) -> ProductDocument {
        ProductDocument(sku: row["sku"], name: row["name"], price: row["price"], stock: row["stock"])
    }

    private static let seed: [(name: String, price: Int)] = [
        ("Espresso cup", 990), ("Moka pot", 3490), ("Hand grinder", 5990), ("Gooseneck kettle", 7900),
        ("Dripper", 2450), ("Paper filters", 590), ("Scale", 4490), ("Milk jug", 1790), ("Tamper", 2900),
        ("Knock box", 2190), ("Cold brew jar", 2690), ("Travel mug", 2990), ("House blend 250 g", 890),
        ("Ethiopia 250 g", 1290), ("Colombia 250 g", 1190), ("Decaf 250 g", 1090), ("Barista cloth", 790),
        ("Cleaning tablets", 1290), ("Descaler", 990), ("Gift card", 2500),
    ]
}
