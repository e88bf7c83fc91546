import FleetModel

/// Checks the five fields of crontab(5), so that a slip shows when the manifest is read and not when the job does not run.
/// Names of months and days may stand in lists and ranges; steps follow `*` or a range.
struct CronText {
    struct Problem: Error, Equatable {
        /// In the text, in bytes.
        var offset: Int
        var message: String
        var hint = ""
    }

    /// What may stand in one field.
    private struct Field {
        var name: String
        var range: ClosedRange<Int>
        var names: [String] = []
    }

    private static let fields = [
        Field(name: "minute", range: 0...59), Field(name: "hour", range: 0...23),
        Field(name: "day of the month", range: 1...31),
        Field(
            name: "month",
            range: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        ),
        // 7 is Sunday as well.
        Field(name: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    /// Bytes; whoever plans the runs takes no more.
    private static let lengthLimit = 256

    private static let nicknames = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"]

    /// Days of the longest month of each name.
    private static let longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    /// A word of a text and where it begins.
    private struct Word {
        var text: Substring
        var offset: Int
    }

    /// The fields with one blank between two of them.
    static func read(_ text: String) -> Result<String, Problem> {
        do throws(Problem) {
            return .success(try checked(text))
        } catch {
            return .failure(error)
        }
    }

    private static func checked(_ text: String) throws(Problem) -> String {
        guard text.utf8.count <= lengthLimit else {
            throw Problem(offset: 0, message: "\"cron\" is longer than \(lengthLimit) bytes")
        }
        let words = split(Word(text: text[...], offset: 0)) { $0 == 32 || $0 == 9 }.filter { !$0.text.isEmpty }
        if words.count == 1, let word = words.first, word.text.hasPrefix("@") {
            let nickname = word.text.lowercased()
            if nicknames.contains(nickname) { return nickname }
            let hint = NearestName.hint(nickname, among: nicknames)
            throw Problem(
                offset: word.offset,
                message: "\"\(word.text.prefix(40))\" is none of \(nicknames.joined(separator: ", "))",
                hint: nickname == "@reboot" ? "a job without a schedule runs once, with the fleet" : hint
            )
        }
        guard words.count == fields.count else {
            throw Problem(
                offset: 0,
                message:
                    "\"cron\" has five fields (minute, hour, day of the month, month, day of the week), not \(words.count)",
                hint: words.count == 6 ? "there are no seconds and no years" : ""
            )
        }
        var values: [Set<Int>] = []
        for (word, field) in zip(words, fields) { values.append(try read(word, field)) }
        try checkDates(days: values[2], months: values[3], words)
        return words.map { String($0.text) }.joined(separator: " ")
    }

    /// `0 0 31 4 *` never comes; when the day of the week is narrowed, either of both days is enough.
    private static func checkDates(days: Set<Int>, months: Set<Int>, _ words: [Word]) throws(Problem) {
        guard words[4].text.hasPrefix("*"), let first = days.min() else { return }
        guard !months.contains(where: { longestMonths[$0 - 1] >= first }) else { return }
        throw Problem(offset: words[2].offset, message: "no such day comes in these months: \"cron\" would never run")
    }

    // MARK: - Fields

    private static func read(_ word: Word, _ field: Field) throws(Problem) -> Set<Int> {
        var values: Set<Int> = []
        for item in split(word, at: { $0 == UInt8(ascii: ",") }) {
            guard !item.text.isEmpty else {
                throw Problem(offset: item.offset, message: "the list of the \(field.name) has an empty place")
            }
            values.formUnion(try read(item: item, field))
        }
        return values
    }

    private static func read(item: Word, _ field: Field) throws(Problem) -> Set<Int> {
        let parts = split(item) { $0 == UInt8(ascii: "/") }
        let range = try range(parts[0], field)
        guard parts.count > 1 else { return Set(range.values) }
        guard parts.count == 2, let step = Quantity.integer(String(parts[1].text)), step >= 1,
            step <= field.range.upperBound
        else {
            throw Problem(
                offset: parts[1].offset,
                message: "a step of the \(field.name) is a whole number from 1 to \(field.range.upperBound)"
            )
        }
        guard range.isOpen else {
            throw Problem(
                offset: parts[0].offset,
                message: "a step follows * or a range",
                hint: "write \(parts[0].text)-\(field.range.upperBound)/\(step)"
            )
        }
        return Set(stride(from: range.values.lowerBound, through: range.values.upperBound, by: step))
    }

    /// `isOpen`: more than a single value, so that a step makes sense.
    private static func range(_ word: Word, _ field: Field) throws(Problem) -> (values: ClosedRange<Int>, isOpen: Bool)
    {
        if word.text == "*" { return (field.range, true) }
        let ends = split(word) { $0 == UInt8(ascii: "-") }
        guard ends.count <= 2 else { throw nonsense(word, field) }
        let first = try value(ends[0], field)
        guard ends.count == 2 else { return (first...first, false) }
        let last = try value(ends[1], field)
        if first <= last { return (first...last, true) }
        let isWeek = field.range.upperBound == 7 && last == 0
        throw Problem(
            offset: word.offset,
            message: "\"\(word.text.prefix(40))\" runs backwards",
            hint: isWeek ? "the Sunday at the end of a week is 7" : ""
        )
    }

    private static func value(_ word: Word, _ field: Field) throws(Problem) -> Int {
        if let index = field.names.firstIndex(of: word.text.lowercased()) { return index + (field.range.lowerBound) }
        guard word.text.utf8.count <= 2, word.text.utf8.allSatisfy({ (48...57).contains($0) }),
            let value = Quantity.integer(String(word.text)), field.range.contains(value)
        else { throw nonsense(word, field) }
        return value
    }

    private static func nonsense(_ word: Word, _ field: Field) -> Problem {
        let range = "\(field.range.lowerBound) to \(field.range.upperBound)"
        let names = field.names.isEmpty ? "" : ", or \(field.names[0]) to \(field.names[field.names.count - 1])"
        return Problem(
            offset: word.offset,
            message: "\"\(word.text.prefix(40))\" is no \(field.name): \(range)\(names)",
            hint: NearestName.hint(String(word.text.prefix(40)), among: field.names)
        )
    }

    private static func split(_ word: Word, at isSeparator: (UInt8) -> Bool) -> [Word] {
        var offset = word.offset
        return word.text.utf8.split(omittingEmptySubsequences: false, whereSeparator: isSeparator).map { part in
            defer { offset += part.count + 1 }
            return Word(text: Substring(part), offset: offset)
        }
    }
}
