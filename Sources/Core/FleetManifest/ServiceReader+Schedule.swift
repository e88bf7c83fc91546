import FleetModel

extension ServiceReader {
    /// `{interval | cron, timezone, overlap}`, for jobs.
    func schedule(_ tree: YAMLTree?, of kind: ServiceSpec.Kind) -> ScheduleSpec? {
        guard let tree = reader.entries(tree, "\"schedule\"", keys: .schedule) else { return nil }
        let trigger = trigger(tree)
        let overlap: ScheduleSpec.Overlap? = reader.choice(tree["overlap"], "\"overlap\"")
        let zone = zone(tree["timezone"])
        if let given = tree["timezone"], !given.isNull, case .interval? = trigger {
            findings.warning(.badValue, at: given.place, "\"timezone\" means nothing to an interval")
        }
        guard kind == .job else {
            findings.error(.badValue, at: tree.place, "\"schedule\" is for jobs", hint: "add \"type: job\"")
            return nil
        }
        return trigger.map {
            ScheduleSpec(trigger: $0, overlap: overlap ?? .skip, utcOffset: zone.offset, timeZone: zone.name)
        }
    }

    private func trigger(_ tree: YAMLTree) -> ScheduleSpec.Trigger? {
        let given = KnownKeys.scheduleTriggers.filter { key in tree[key].map { !$0.isNull } ?? false }
        guard given.count == 1 else {
            let message =
                given.isEmpty
                ? "\"schedule\" needs \"interval\" or \"cron\"" : "\"schedule\" is an interval or cron, not both"
            findings.error(given.isEmpty ? .missing : .badValue, at: tree.place, message)
            return nil
        }
        if let interval = tree["interval"], !interval.isNull {
            guard let value = reader.duration(interval, "\"interval\"", isPositive: true) else { return nil }
            if value >= .seconds(1) { return .interval(value) }
            findings.error(.badValue, at: interval.place, "\"interval\" of a schedule is at least 1s")
            return nil
        }
        return cron(tree["cron"])
    }

    private func cron(_ tree: YAMLTree?) -> ScheduleSpec.Trigger? {
        guard let tree else { return nil }
        let before = findings.noticed
        guard let text = reader.string(tree, "\"cron\""), findings.noticed == before else { return nil }
        switch CronText.read(text) {
        case .success(let fields): return .cron(fields)
        case .failure(let problem):
            let place = reader.spot(problem.offset, in: tree)
            findings.error(.badValue, at: place, problem.message, hint: problem.hint)
            return nil
        }
    }

    /// `local` (also nothing) is neither; `UTC`; `+02:00`, `-0330`, `+2`; a name like `Europe/Berlin`.
    private func zone(_ tree: YAMLTree?) -> (offset: Duration?, name: String?) {
        guard let tree, !tree.isNull else { return (nil, nil) }
        let before = findings.noticed
        guard let text = reader.string(tree, "\"timezone\""), findings.noticed == before else { return (nil, nil) }
        switch text.lowercased() {
        case "local": return (nil, nil)
        case "utc", "z": return (.zero, nil)
        default: break
        }
        if let minutes = Self.minutes(text) { return (.seconds(minutes * 60), nil) }
        if Self.isZoneName(text) {
            if surroundings.knowsTimeZone(text) { return (nil, text) }
            findings.error(.badValue, at: tree.place, "this machine knows no time zone \"\(text)\"")
            return (nil, nil)
        }
        findings.error(
            .badValue,
            at: tree.place,
            "\"timezone\" takes local, UTC, an offset like +02:00 or a zone like Europe/Berlin, not \"\(text.prefix(60))\""
        )
        return (nil, nil)
    }

    /// `Area/City` or `Area/Country/City` as in the tz database: letters, digits, `_`, `-` and `+`.
    static func isZoneName(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
        return (2...3).contains(parts.count)
            && parts.allSatisfy { part in
                part.count <= 32 && (part.first.map(isLetter) ?? false)
                    && part.allSatisfy { isLetter($0) || (48...57).contains($0) || [43, 45, 95].contains($0) }
            }
    }

    /// Of `+HH`, `+HH:MM` or `+HHMM`; from -12:00 to +14:00, as far as zones go.
    private static func minutes(_ text: String) -> Int? {
        guard let sign = text.utf8.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        let digits = text.utf8.dropFirst()
        let parts = digits.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { Array($0) }
        guard parts.joined().allSatisfy({ (48...57).contains($0) }) else { return nil }
        func value(_ bytes: some Sequence<UInt8>) -> Int { bytes.reduce(0) { $0 * 10 + Int($1) - 48 } }
        let clock: (hours: Int, minutes: Int)
        switch parts.map(\.count) {
        case [1], [2]: clock = (value(parts[0]), 0)
        case [4]: clock = (value(parts[0].prefix(2)), value(parts[0].suffix(2)))
        case [1, 2], [2, 2]: clock = (value(parts[0]), value(parts[1]))
        default: return nil
        }
        let total = (clock.hours * 60 + clock.minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
        return clock.minutes < 60 && (-720...840).contains(total) ? total : nil
    }
}
