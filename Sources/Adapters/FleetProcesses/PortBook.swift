package import FleetEngine
package import FleetManifest
package import FleetModel
internal import Glibc
internal import Synchronization

/// The numbers of a project's ports as far as fleet chooses them: for `allocate: true`, and for ports that the operator
/// moved away from a number that somebody else has. Kept in `<state>/ports.json`, so that a service is found at the
/// same number after every restart.
///
/// A number that was given once stays for the life of this object: what runs relies on it. Calls may block for
/// milliseconds.
package final class PortBook: Sendable {
    private struct State {
        var ledger = PortLedger()
        /// What this object has vouched for already.
        var confirmed: Set<PortLedger.Key> = []
        /// What the last load asked for.
        var asked: [PortLedger.Key: PortDemand] = [:]
        var trouble: String?
    }

    private let path: String
    private let stateDirectory: String
    private let reservations: PortReservations
    private let range: PortRange
    private let isReadOnly: Bool
    private let state: Mutex<State>

    /// - Parameters:
    ///   - stateDirectory: of the manifest.
    ///   - isReadOnly: for whoever only looks, beside an engine that may run: what the book says is believed untried,
    ///     what it does not say is chosen for this object alone, and nothing is written.
    package convenience init(stateDirectory: String, isReadOnly: Bool = false) {
        self.init(
            stateDirectory: stateDirectory,
            sharedFolder: "\(FleetDirectories.userFolder)/ports",
            isReadOnly: isReadOnly
        )
    }

    init(
        stateDirectory: String,
        sharedFolder: String,
        range: PortRange = .ofThisMachine,
        isReadOnly: Bool = false
    ) {
        path = "\(stateDirectory)/ports.json"
        self.stateDirectory = stateDirectory
        self.range = range
        self.isReadOnly = isReadOnly
        reservations = PortReservations(folder: sharedFolder, stateDirectory: stateDirectory)
        var state = State()
        state.ledger = PortLedger(text: SmallFile.text(path, limit: 1 << 20) ?? "")
        self.state = Mutex(state)
    }

    /// Why the book could not be written the last time; it then holds for the life of this object only.
    package var trouble: String? { state.withLock(\.trouble) }

    /// For `ManifestOptions.allocatePort`.
    /// - Returns: for a port that the manifest gives a number: `nil`, unless it was moved. For one that is to be
    ///   chosen: the number of the first replica, `nil` when nothing is free.
    package func number(for request: PortRequest) -> Int? { number(for: PortDemand(request)) }

    func number(for demand: PortDemand) -> Int? {
        state.withLock { state in
            state.asked[demand.key] = demand
            guard (1...PortLedger.countLimit).contains(demand.count) else { return nil }
            return demand.isAllocated ? chosen(demand, &state) : moved(demand, &state)
        }
    }

    /// Chooses the next free number above the present one, and remembers it until the manifest names another number.
    /// - Returns: what the next `number` says.
    /// - Throws: when no load has asked for the port, or nothing is free.
    package func move(service: ServiceName, port: String) throws(PortTrouble) -> Int {
        let key = PortLedger.Key(service: service.rawValue, port: port)
        let outcome = state.withLock { state -> Result<Int, PortTrouble> in
            guard let demand = state.asked[key] else {
                return .failure(PortTrouble("\(service) has no port named \(port)"))
            }
            let entry = state.ledger.entries[key].flatMap { $0.wanted == demand.wanted ? $0 : nil }
            guard let present = entry?.number ?? demand.wanted else {
                return .failure(PortTrouble("port \(port) of \(service) has no number yet"))
            }
            guard let number = choose(demand, .above(present), &state) else {
                return .failure(PortTrouble("there is no free port besides \(present)"))
            }
            return .success(number)
        }
        return try outcome.get()
    }

    // MARK: Choosing

    private enum Wish {
        /// What the manifest would like, else anything of the range.
        case any
        /// The operator wants to leave this number, upwards.
        case above(Int)
    }

    /// The manifest names the number.
    private func moved(_ demand: PortDemand, _ state: inout State) -> Int? {
        guard let entry = state.ledger.entries[demand.key] else { return nil }
        guard entry.isMoved == true, entry.wanted == demand.wanted else {
            state.ledger.remove(demand.key)
            save(&state)
            return nil
        }
        if entry.count >= demand.count { return entry.number }
        return extended(entry, demand, &state) ?? choose(demand, .above(entry.number), &state)
    }

    private func chosen(_ demand: PortDemand, _ state: inout State) -> Int? {
        guard let entry = state.ledger.entries[demand.key], entry.wanted == demand.wanted,
            entry.numbers.allSatisfy({ !demand.forbids($0) })
        else { return choose(demand, .any, &state) }
        guard entry.count >= demand.count else {
            return extended(entry, demand, &state) ?? choose(demand, .any, &state)
        }
        guard !isReadOnly, !state.confirmed.contains(demand.key) else { return entry.number }
        let isKept = reservations.locked {
            let taken = reservations.others().union(state.ledger.numbers(except: demand.key))
            guard entry.numbers.allSatisfy({ !taken.contains($0) && isUsable($0) }) else { return false }
            reservations.publish(state.ledger.chosen)
            return true
        }
        guard isKept else { return choose(demand, .any, &state) }
        state.confirmed.insert(demand.key)
        return entry.number
    }

    /// More replicas: the same beginning if what follows is free.
    private func extended(_ entry: PortLedger.Entry, _ demand: PortDemand, _ state: inout State) -> Int? {
        guard entry.number + demand.count - 1 <= 65_535 else { return nil }
        let isDone = reservations.locked {
            let taken = reservations.others().union(state.ledger.numbers(except: entry.key))
            let added = entry.number + entry.count...entry.number + demand.count - 1
            guard
                added.allSatisfy({ number in
                    !taken.contains(number) && !demand.forbids(number) && PortTrial.isFreeEverywhere(number)
                })
            else { return false }
            var longer = entry
            longer.count = demand.count
            record(longer, &state)
            return true
        }
        return isDone ? entry.number : nil
    }

    private func choose(
        _ demand: PortDemand,
        _ wish: Wish,
        _ state: inout State
    ) -> Int? {
        reservations.locked {
            var taken = reservations.others().union(state.ledger.numbers(except: demand.key))
            if case .above = wish {
                // A load names the numbers in some order; those that it named later belong to others, too.
                for (other, asked) in state.asked where other != demand.key {
                    if let own = asked.ownNumbers { taken.formUnion(own) }
                }
            }
            let suits = { (number: Int) in
                !taken.contains(number) && !demand.forbids(number) && PortTrial.isFreeEverywhere(number)
            }
            guard let number = first(for: demand, wish, where: suits) else { return nil }
            var entry = PortLedger.Entry(
                service: demand.key.service,
                port: demand.key.port,
                wanted: demand.wanted,
                number: number,
                count: demand.count
            )
            if case .above = wish { entry.isMoved = true }
            record(entry, &state)
            return number
        }
    }

    private func first(
        for demand: PortDemand,
        _ wish: Wish,
        where suits: (Int) -> Bool
    ) -> Int? {
        switch wish {
        case .above(let present):
            let above =
                present < 65_535 ? PortRange.first(demand.count, in: max(1, present + 1)...65_535, where: suits) : nil
            return above ?? PortRange.first(demand.count, in: 1_024...65_535) { $0 != present && suits($0) }
        case .any:
            if let wanted = demand.ownNumbers, wanted.allSatisfy(suits) { return wanted.lowerBound }
            let seed =
                UInt64(Hash.fnv1a("\(stateDirectory)\0\(demand.key.service)\0\(demand.key.port)"), radix: 16) ?? 0
            return range.first(demand.count, seed: seed, where: suits)
        }
    }

    /// Whether a number is free, or this project has it: an engine that starts may find its own services running, or
    /// what their connections left behind.
    private func isUsable(_ number: Int) -> Bool {
        if PortTrial.isFreeEverywhere(number) { return true }
        switch TCPSockets.owner(of: number) ?? TCPSockets.owner(of: number, .udp) {
        case .process(let owner): return isOurs(owner.pid.rawValue)
        case .unknown: return false
        case nil: return PortTrial.verdict(host: "*", port: number) != .taken
        }
    }

    /// A process of a run of this project, or its engine, which holds the sockets that are passed on.
    private func isOurs(_ pid: Int32) -> Bool {
        if pid == getpid() { return true }
        let leases = LeaseFolder(stateDirectory: stateDirectory)
        if let run = ProcessTable.variable(LifeTag.runVariable, pid: pid), leases.runs.contains(run) { return true }
        return leases.engines.contains(pid)
    }

    // MARK: Keeping

    private func record(_ entry: PortLedger.Entry, _ state: inout State) {
        state.ledger.set(entry)
        state.confirmed.insert(entry.key)
        guard !isReadOnly else { return }
        reservations.publish(state.ledger.chosen)
        save(&state)
    }

    private func save(_ state: inout State) {
        guard !isReadOnly else { return }
        _ = SmallFile.makeFolder(stateDirectory)
        let error = SmallFile.replace(path, with: state.ledger.text)
        state.trouble = error == 0 ? nil : "the chosen ports cannot be remembered: \(path): \(errorText(error))"
    }
}

extension LeaseFolder {
    /// Processes that began a run and have not ended it.
    fileprivate var engines: Set<Int32> {
        Set(
            runs.compactMap { run in
                let text = SmallFile.text("\(path)/\(run).run", limit: 256) ?? ""
                let line = text.split(separator: "\n").first { $0.hasPrefix("pid=") }
                return line.flatMap { Int32($0.dropFirst(4)) }
            }
        )
    }
}
