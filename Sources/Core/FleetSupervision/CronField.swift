/// One of the five fields of a cron expression.
struct CronField: Sendable {
    let name: String
    let range: ClosedRange<Int>
    /// From the lowest number on.
    let names: [String]

    static let minute = Self(name: "minute", range: 0...59, names: [])
    static let hour = Self(name: "hour", range: 0...23, names: [])
    static let dayOfMonth = Self(name: "day of month", range: 1...31, names: [])
    static let month = Self(
        name: "month",
        range: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    )
    /// 0 and 7 are Sunday.
    static let dayOfWeek = Self(
        name: "day of week",
        range: 0...7,
        names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    )

    /// A bit for each number that the text allows.
    func bits(of text: String) throws(CronSchedule.Trouble) -> UInt64 {
        var bits: UInt64 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) { bits |= try self.bits(ofItem: item) }
        return bits
    }

    func trouble(_ what: String) -> CronSchedule.Trouble {
        CronSchedule.Trouble(description: "\(name): \(what)")
    }

    func number(_ text: Substring) throws(CronSchedule.Trouble) -> Int {
        if let index = names.firstIndex(of: text.lowercased()) { return range.lowerBound + index }
        // `Int` alone would take a sign.
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else {
            throw trouble("\"\(text)\" is no \(names.isEmpty ? "number" : "number or name")")
        }
        guard range.contains(number) else {
            throw trouble("\(number) is not within \(range.lowerBound)-\(range.upperBound)")
        }
        return number
    }

    /// One item of a list: `*`, `5`, `1-5`, each with an optional step.
    private func bits(ofItem item: Substring) throws(CronSchedule.Trouble) -> UInt64 {
        let halves = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var step = 1
        if halves.count == 2 {
            guard halves[1].utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(halves[1]), number > 0 else {
                throw trouble("\"\(halves[1])\" is no step; write a number from 1 on behind the /")
            }
            step = number
        }
        let numbers = try numbers(of: halves[0], isOpen: halves.count == 2)
        var bits: UInt64 = 0
        // A step beyond the range leaves its first number, and cannot overflow the counter.
        for number in stride(from: numbers.lowerBound, through: numbers.upperBound, by: min(step, 64)) {
            bits |= 1 << UInt64(number)
        }
        return bits
    }

    /// `isOpen`: a single number begins a range up to the end, as in `5/15`.
    private func numbers(of text: Substring, isOpen: Bool) throws(CronSchedule.Trouble) -> ClosedRange<Int> {
        if text == "*" { return range }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = ends.first, !text.isEmpty else { throw trouble("an entry of the list is empty") }
        let low = try number(first)
        guard ends.count == 2 else { return low...(isOpen ? range.upperBound : low) }
        let high = try number(ends[1])
        guard low <= high else { throw trouble("the range \(text) goes backwards") }
        return low...high
    }
}
