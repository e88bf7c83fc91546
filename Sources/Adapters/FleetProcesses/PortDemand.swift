internal import FleetManifest

/// What a manifest asks of the book for one port.
struct PortDemand: Sendable, Hashable {
    var key: PortLedger.Key
    /// What the manifest names.
    var wanted: Int?
    /// Fleet chooses, `wanted` if that is free.
    var isAllocated = false
    /// Consecutive numbers, one per replica.
    var count = 1
    /// Numbers of this fleet's ports as far as they are settled, those that this one wants among them.
    var taken: Set<Int> = []

    init(_ service: String, _ port: String) { key = PortLedger.Key(service: service, port: port) }

    init(_ request: PortRequest) {
        self.init(request.service, request.port)
        wanted = request.wanted
        isAllocated = request.isAllocated
        count = request.count
        taken = request.taken
    }

    /// What the manifest names, one per replica; `nil` when it names nothing, or nothing that can be.
    var ownNumbers: ClosedRange<Int>? {
        guard let wanted, (1...65_535).contains(wanted), (1...PortLedger.countLimit).contains(count),
            wanted + count - 1 <= 65_535
        else { return nil }
        return wanted...wanted + count - 1
    }

    /// Whether another port of this fleet has a number.
    func forbids(_ number: Int) -> Bool { taken.contains(number) && ownNumbers?.contains(number) != true }
}
