import FleetModel

/// The machines of a fleet in start order. What is derived from one, its deadline, its marks and its status, is kept until
/// it is changed, so that an event costs what it touches and not the whole fleet.
struct MachineRoster: Sendable {
    /// What the fleet asks of its machines again and again.
    struct Marks: OptionSet, Sendable {
        let rawValue: UInt8

        static let departs = Marks(rawValue: 1)
        static let isDeparting = Marks(rawValue: 2)
        static let asksGate = Marks(rawValue: 4)
        static let isGone = Marks(rawValue: 8)
        static let isEmpty = Marks(rawValue: 16)
        static let isTouched = Marks(rawValue: 32)

        /// It leaves, or is about to.
        static let leaves: Marks = [.departs, .isDeparting]
    }

    private(set) var machines: [ServiceMachine] = []
    private(set) var marks: [Marks] = []
    private(set) var statuses: [InstanceStatus] = []
    /// Nanoseconds; the largest number for none.
    private var deadlines: [Int64] = []
    private var touched: [Int] = []
    /// Positions of statuses that differ since `forgetNews`, each once; `nil` = it is another list.
    private(set) var news: [Int]?
    private var departures = 0

    var indices: Range<Int> { machines.indices }

    /// Something was changed since the last `settle`.
    var hasChanges: Bool { !touched.isEmpty }

    var hasDepartures: Bool { departures > 0 }

    /// Every change goes through here.
    mutating func change<Outcome>(_ index: Int, _ body: (inout ServiceMachine) -> Outcome) -> Outcome {
        defer { touch(index) }
        return body(&machines[index])
    }

    /// Something outside the machine that its status or its gate depends on has changed.
    mutating func touch(_ index: Int) {
        if !marks[index].contains(.isTouched) { touched.append(index) }
        derive(index)
        marks[index].insert(.isTouched)
    }

    private mutating func derive(_ index: Int) {
        if marks[index].contains(.departs) { departures -= 1 }
        let marks = machines[index].marks
        if marks.contains(.departs) { departures += 1 }
        self.marks[index] = marks
        deadlines[index] = machines[index].nextDeadline?.nanoseconds ?? .max
    }

    /// Other machines, or the same in another order.
    mutating func replace(_ machines: [ServiceMachine]) {
        self.machines = machines
        departures = 0
        marks = Array(repeating: [], count: machines.count)
        deadlines = Array(repeating: .max, count: machines.count)
        statuses = machines.map { $0.status(heldBy: nil, isEdited: false) }
        touched = []
        news = nil
        for index in machines.indices { touch(index) }
    }

    func isDue(_ index: Int, at now: Moment) -> Bool { deadlines[index] <= now.nanoseconds }

    var nextDeadline: Moment? {
        var next = Int64.max
        for deadline in deadlines where deadline < next { next = deadline }
        return next == .max ? nil : Moment(nanoseconds: next)
    }

    mutating func forgetNews() { news = [] }

    /// Takes note of new states and renews the statuses of what was touched.
    mutating func settle(at now: Moment, _ status: (ServiceMachine) -> InstanceStatus) {
        for index in touched {
            machines[index].noteState(at: now)
            derive(index)
            let status = status(machines[index])
            guard status != statuses[index] else { continue }
            statuses[index] = status
            if news?.contains(index) == false { news?.append(index) }
        }
        touched.removeAll(keepingCapacity: true)
    }
}

extension ServiceMachine {
    fileprivate var marks: MachineRoster.Marks {
        var marks: MachineRoster.Marks = []
        if departure != nil { marks.insert(.departs) }
        if isDeparting { marks.insert(.isDeparting) }
        if asksGate { marks.insert(.asksGate) }
        if isGone { marks.insert(.isGone) }
        if isEmpty { marks.insert(.isEmpty) }
        return marks
    }
}
