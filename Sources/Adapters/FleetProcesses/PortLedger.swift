#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a port book remembers, and its text on disk.
struct PortLedger: Sendable, Equatable {
    struct Key: Hashable, Sendable {
        var service: String
        var port: String
    }

    /// A number that fleet chose.
    struct Entry: Hashable, Sendable, Codable {
        var service: String
        var port: String
        /// What the manifest named when the number was chosen; `nil` = nothing. With another one the choice is void.
        var wanted: Int?
        /// The operator moved it away from there; otherwise the manifest left the choice to fleet.
        var isMoved: Bool?
        /// Of the first replica.
        var number: Int
        /// Consecutive numbers, one per replica.
        var count: Int

        var key: Key { Key(service: service, port: port) }
        var numbers: ClosedRange<Int> { number...number + max(1, count) - 1 }

        fileprivate var isSound: Bool {
            (1...65_535).contains(number) && (1...PortLedger.countLimit).contains(count)
                && number + count - 1 <= 65_535 && service.utf8.count <= 256 && port.utf8.count <= 256
        }
    }

    /// Replicas of one service.
    static let countLimit = 256
    private static let entryLimit = 4_096

    private(set) var entries: [Key: Entry] = [:]
    /// Everything that was chosen in this project, except for one port.
    func numbers(except key: Key) -> Set<Int> {
        entries.values.reduce(into: []) { numbers, entry in
            if entry.key != key { numbers.formUnion(entry.numbers) }
        }
    }

    /// What other projects must keep away from.
    var chosen: Set<Int> { entries.values.reduce(into: []) { $0.formUnion($1.numbers) } }

    mutating func set(_ entry: Entry) {
        guard entries.count < Self.entryLimit || entries[entry.key] != nil else { return }
        entries[entry.key] = entry
    }

    mutating func remove(_ key: Key) { entries[key] = nil }
}

extension PortLedger {
    private struct File: Codable {
        var version = 1
        var ports: [Entry] = []
    }

    private struct LenientFile: Decodable {
        var ports: [Lenient<Entry>]?
    }

    /// One element that is not understood does not take the others with it.
    private struct Lenient<Value: Decodable>: Decodable {
        var value: Value?

        init(from decoder: any Decoder) { value = try? Value(from: decoder) }
    }

    /// Whatever of the text makes sense; an empty ledger when nothing does.
    init(text: String) {
        guard let file = try? JSONDecoder().decode(LenientFile.self, from: Data(text.utf8)) else { return }
        for entry in (file.ports ?? []).compactMap(\.value) where entry.isSound { set(entry) }
    }

    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let ports = entries.values.sorted { ($0.service, $0.port) < ($1.service, $1.port) }
        let data = try? encoder.encode(File(ports: ports))
        return data.map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "{}\n"
    }
}
