import FleetModel

/// Settles the number of every port while the manifest is loaded, so that everything after it sees plain numbers.
///
/// A port keeps the number that the manifest gives it unless whoever keeps the book of ports says that it was moved. A
/// port with `allocate: true` takes what the book answers. Without an answer (`fleet lint` has no book) it takes what it
/// wants, or the next numbers from `firstPlaceholder` on that nobody else names.
struct PortNumbers {
    /// Where the ports for private use begin (RFC 6335, section 6).
    static let firstPlaceholder = 49_152
    private static let last = 65_535

    private let allocate: @Sendable (PortRequest) -> Int?
    private let findings: Findings
    private var taken: Set<Int> = []
    private var placeholder = firstPlaceholder

    init(allocate: @escaping @Sendable (PortRequest) -> Int?, findings: Findings) {
        self.allocate = allocate
        self.findings = findings
    }

    /// - Parameters:
    ///   - declared: of all services, by their names.
    ///   - order: the services' names in the order of the manifest.
    mutating func settle(_ declared: inout [String: DeclaredPorts], in order: [String]) {
        let instances = declared.values.reduce(0) { $0 + $1.replicas }
        // Too many are refused later on; until then none of them takes more than one number.
        let isBounded = instances <= CrossCheck.instanceLimit
        func count(_ ports: DeclaredPorts) -> Int { isBounded ? max(1, ports.replicas) : 1 }
        for ports in declared.values {
            for wanted in ports.list.compactMap(\.wanted) { take(wanted, count(ports)) }
        }
        for isAllocating in [false, true] {
            for name in order {
                guard var ports = declared[name] else { continue }
                for index in ports.list.indices where ports.list[index].isAllocating == isAllocating {
                    settle(&ports.list[index], of: name, count: count(ports))
                }
                declared[name] = ports
            }
        }
    }

    private mutating func settle(_ port: inout PlacedPort, of service: String, count: Int) {
        let request = PortRequest(
            service: service,
            port: port.value.name,
            wanted: port.wanted,
            isAllocated: port.isAllocating,
            count: count,
            host: port.value.host,
            transport: port.value.transport,
            taken: taken
        )
        if let answer = allocate(request), answer >= 1, answer <= Self.last - count + 1 {
            port.value.number = answer
            port.value.isAllocated = port.isAllocating || answer != port.wanted
            take(answer, count)
        } else if let wanted = port.wanted {
            port.value.number = wanted
            port.value.isAllocated = port.isAllocating
        } else {
            port.value.isAllocated = true
            port.value.number = nextPlaceholder(count, at: port.place)
        }
    }

    private mutating func take(_ first: Int, _ count: Int) {
        for number in first...max(first, min(first + count - 1, Self.last)) { taken.insert(number) }
    }

    private mutating func nextPlaceholder(_ count: Int, at place: Place) -> Int {
        var first = placeholder
        var number = first
        while number < first + count, number <= Self.last {
            if taken.contains(number) { first = number + 1 }
            number += 1
        }
        guard first + count - 1 <= Self.last else {
            findings.error(.badValue, at: place, "there is no free number left for this port")
            return Self.firstPlaceholder
        }
        placeholder = first + count
        take(first, count)
        return first
    }
}

/// What the ports of one service are settled from.
struct DeclaredPorts {
    var list: [PlacedPort]
    var replicas: Int
}

/// A port and where it is asked for.
struct PlacedPort {
    var value: PortSpec
    var place: Place
    /// What the manifest says, whatever `value` has become.
    var wanted: Int?
    /// `allocate: true`.
    var isAllocating = false
}
