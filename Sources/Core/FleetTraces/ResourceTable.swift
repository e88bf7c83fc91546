import FleetModel

/// What the processes that send spans say of themselves. Few, and the same for every span of a process.
struct ResourceTable: Sendable {
    static let most = 4096

    struct Entry: Sendable {
        /// A symbol.
        var service: UInt32
        /// `service.name` included.
        var fields: [LogField]
        fileprivate var key: [LogField]
    }

    private(set) var entries: [Entry] = []
    private var numbers: [[LogField]: UInt32] = [:]
    private var free: [UInt32] = []
    /// Resources that found no place and are shown by the name of their service alone.
    private(set) var refused = 0

    /// Whether the next new resource finds no place unless unused ones are released.
    var isFull: Bool { entries.count >= Self.most && free.isEmpty }

    mutating func number(_ fields: [LogField], service: UInt32, serviceName: String) -> UInt32 {
        if let known = numbers[fields] { return known }
        if let place = free.popLast() {
            entries[Int(place)] = Entry(service: service, fields: fields, key: fields)
            numbers[fields] = place
            return place
        }
        guard entries.count < Self.most else {
            refused += 1
            return numbers[Self.bare(serviceName)] ?? 0
        }
        entries.append(Entry(service: service, fields: fields, key: fields))
        numbers[fields] = UInt32(entries.count - 1)
        return UInt32(entries.count - 1)
    }

    func fields(_ number: UInt32) -> [LogField] { Int(number) < entries.count ? entries[Int(number)].fields : [] }

    private static func bare(_ name: String) -> [LogField] { [LogField(name: "service.name", value: name)] }

    mutating func release(besides used: Set<UInt32>) {
        for index in entries.indices where !used.contains(UInt32(index)) {
            numbers[entries[index].key] = nil
            free.append(UInt32(index))
        }
    }
}
