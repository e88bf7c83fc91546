/// The contents of `.env` and `env_file`s, in docker compose's dialect: `NAME=value`, `export NAME=value`, comments,
/// quotes that may span lines.
///
/// Single quotes keep everything as it is. Double quotes know `\n \r \t \\ \" \$`; in them and without quotes, `$NAME`
/// and `${NAME…}` (with compose's operators) are replaced from earlier lines, then from `lookup`. Without quotes, ` #`
/// begins a comment. A name alone takes its value from `lookup`.
package enum EnvironmentFile {
    package struct Variable: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package struct Problem: Sendable, Hashable {
        /// From 1.
        package var line: Int
        package var message: String
    }

    package struct Contents: Sendable, Hashable {
        /// In the order of the file; a later one of the same name wins.
        package var variables: [Variable] = []
        package var problems: [Problem] = []
    }

    /// Never fails: lines that cannot be read are told and skipped.
    package static func parse(_ bytes: [UInt8], lookup: (String) -> String? = { _ in nil }) -> Contents {
        withoutActuallyEscaping(lookup) { lookup in
            var reader = EnvironmentFileReader(bytes, lookup: lookup)
            return reader.read()
        }
    }
}

private struct EnvironmentFileReader {
    private let bytes: [UInt8]
    private let lookup: (String) -> String?
    private var index = 0
    private var line = 1
    private var contents = EnvironmentFile.Contents()
    private var known: [String: String] = [:]
    /// Bytes that values may still take: one that repeats an earlier one costs little to write.
    private var budget = 16 << 20

    init(_ bytes: [UInt8], lookup: @escaping (String) -> String?) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        self.lookup = lookup
    }

    mutating func read() -> EnvironmentFile.Contents {
        while index < bytes.count, budget > 0 { readLine() }
        if index < bytes.count { report("the values are too large when their variables are replaced") }
        return contents
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func readLine() {
        skipBlanks()
        defer { skipLine() }
        guard let first = current, first != lineFeed, first != hash else { return }
        var name = takeName()
        if name == "export", let next = current, isBlank(next) {
            skipBlanks()
            name = takeName()
        }
        skipBlanks()
        guard EnvironmentFileReader.isName(name) else { return report("no name of a variable") }
        guard current == UInt8(ascii: "=") else {
            let isAlone = current == nil || current == lineFeed || current == hash
            guard isAlone else { return report("\"\(name)\" is not followed by =") }
            if let value = lookup(name) { keep(name, value) }
            return
        }
        index += 1
        skipBlanks()
        readValue(name)
    }

    private mutating func readValue(_ name: String) {
        guard let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            return keep(name, replace(takeUnquoted()))
        }
        let start = line
        guard let raw = takeQuoted(quote) else {
            contents.problems.append(.init(line: start, message: "the quote of \"\(name)\" is not closed"))
            return
        }
        skipBlanks()
        if let rest = current, rest != lineFeed, rest != hash { report("text behind the quoted value of \"\(name)\"") }
        keep(name, quote == UInt8(ascii: "'") ? String(decoding: raw, as: UTF8.self) : unescaped(raw))
    }

    private mutating func keep(_ name: String, _ value: String) {
        budget -= name.utf8.count + value.utf8.count
        known[name] = value
        contents.variables.append(.init(name: name, value: value))
    }

    private mutating func report(_ message: String) {
        guard contents.problems.count < Findings.limit else { return }
        contents.problems.append(.init(line: line, message: message))
    }

    // MARK: - Pieces

    private mutating func takeName() -> String {
        let start = index
        while let byte = current, byte > 32, byte != UInt8(ascii: "="), byte != hash { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46, 95].contains($0)
        }
    }

    private mutating func takeUnquoted() -> [UInt8] {
        let start = index
        while let byte = current, byte != lineFeed {
            if byte == hash, index == start || isBlank(bytes[index - 1]) { break }
            index += 1
        }
        var end = index
        while end > start, bytes[end - 1] <= 32 { end -= 1 }
        return Array(bytes[start..<end])
    }

    /// The bytes between the quotes; nil when the closing one is missing (the file is then read up to its end).
    private mutating func takeQuoted(_ quote: UInt8) -> [UInt8]? {
        index += 1
        let start = index
        while let byte = current {
            if byte == quote {
                index += 1
                return Array(bytes[start..<(index - 1)])
            }
            if byte == lineFeed { line += 1 }
            if byte == backslash, quote == UInt8(ascii: "\""), index + 1 < bytes.count, bytes[index + 1] != lineFeed {
                index += 1
            }
            index += 1
        }
        return nil
    }

    private func unescaped(_ raw: [UInt8]) -> String {
        var result: [UInt8] = []
        var index = 0
        while index < raw.count {
            guard raw[index] == backslash, index + 1 < raw.count else {
                result.append(raw[index])
                index += 1
                continue
            }
            switch raw[index + 1] {
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            // Kept apart from a `$` that is to be replaced.
            case UInt8(ascii: "$"): result += [UInt8(ascii: "$"), UInt8(ascii: "$")]
            case backslash, UInt8(ascii: "\""): result.append(raw[index + 1])
            case let other: result += [backslash, other]
            }
            index += 2
        }
        return replace(result)
    }

    /// `$NAME` is written as `${NAME}` first; `$$` stays for the interpolation to halve.
    private func replace(_ raw: [UInt8]) -> String {
        guard raw.contains(dollar) else { return String(decoding: raw, as: UTF8.self) }
        var braced: [UInt8] = []
        var index = 0
        while index < raw.count {
            braced.append(raw[index])
            index += 1
            guard braced.last == dollar, index < raw.count else { continue }
            if raw[index] == dollar {
                braced.append(dollar)
                index += 1
            } else if let end = nameEnd(raw, from: index) {
                braced += [UInt8(ascii: "{")] + raw[index..<end] + [UInt8(ascii: "}")]
                index = end
            }
        }
        let (known, lookup) = (known, lookup)
        var interpolation = Interpolation(
            variable: { known[$0] ?? lookup($0) },
            port: { _, _ in .unknownService(hint: "") }
        )
        return interpolation.expand(String(decoding: braced, as: UTF8.self))
    }

    private func nameEnd(_ raw: [UInt8], from start: Int) -> Int? {
        func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) || byte == 95 }
        guard isLetter(raw[start]) else { return nil }
        var end = start
        while end < raw.count, isLetter(raw[end]) || (48...57).contains(raw[end]) { end += 1 }
        return end
    }

    private mutating func skipBlanks() {
        while let byte = current, isBlank(byte) { index += 1 }
    }

    private mutating func skipLine() {
        while let byte = current, byte != lineFeed { index += 1 }
        guard current != nil else { return }
        index += 1
        line += 1
    }

    /// A carriage return before a line feed counts as a blank.
    private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

    private let lineFeed = UInt8(ascii: "\n")
    private let hash = UInt8(ascii: "#")
    private let backslash = UInt8(ascii: "\\")
    private let dollar = UInt8(ascii: "$")
}
