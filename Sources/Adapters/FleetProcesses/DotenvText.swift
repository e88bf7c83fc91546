/// Reads the text of an environment file: `NAME=value` lines in the grammar of docker compose's `env_file`.
///
/// `export ` in front is allowed; `#` begins a comment at the start of a line or after a blank. Single quotes keep their
/// content as it is, double quotes know `\n \r \t \" \\ \$`; both may span lines. Unquoted and double-quoted values
/// replace `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}` from earlier lines, then from `lookup`.
/// A line that is none of this is skipped and reported.
struct DotenvText {
    private(set) var entries: [(name: String, value: String)] = []
    /// 1-based numbers of the lines that could not be read.
    private(set) var brokenLines: [Int] = []

    private let text: [Character]
    private var index = 0
    private var line = 1
    private let lookup: (String) -> String?

    init(_ text: String, lookup: @escaping (String) -> String?) {
        // "\r\n" is one Character and counts as a newline.
        self.text = Array(text.first == "\u{FEFF}" ? text.dropFirst() : text[...])
        self.lookup = lookup
        while index < self.text.count { readLine() }
    }

    private mutating func readLine() {
        let start = line
        skipBlanks()
        defer { skipLine() }
        guard let first = current, !first.isNewline, first != "#" else { return }
        var name = takeName()
        if name == "export", let next = current, next == " " || next == "\t" {
            skipBlanks()
            name = takeName()
        }
        skipBlanks()
        guard !name.isEmpty, current == "=" else {
            brokenLines.append(start)
            return
        }
        index += 1
        skipBlanks()
        guard let value = takeValue() else {
            brokenLines.append(start)
            return
        }
        entries.append((name, value))
    }

    private var current: Character? { index < text.count ? text[index] : nil }

    private mutating func skipBlanks() {
        while let character = current, character == " " || character == "\t" { index += 1 }
    }

    private mutating func skipLine() {
        while let character = current {
            index += 1
            if character.isNewline {
                line += 1
                return
            }
        }
    }

    private mutating func takeName() -> String {
        var name = ""
        while let character = current, character.isASCII,
            character.isLetter || character.isNumber || character == "_" || character == "." || character == "-"
        {
            name.append(character)
            index += 1
        }
        return name
    }

    private mutating func takeValue() -> String? {
        switch current {
        case "'": return takeQuoted("'")
        case "\"": return takeQuoted("\"").map { Self.unescape($0, replacing: variable) }
        default:
            var raw = ""
            while let character = current, !character.isNewline {
                if character == "#", raw.isEmpty || raw.last == " " || raw.last == "\t" { break }
                raw.append(character)
                index += 1
            }
            while raw.last == " " || raw.last == "\t" { raw.removeLast() }
            return Self.replaceVariables(raw, variable)
        }
    }

    /// The raw content between quotes; `nil` when they are never closed.
    private mutating func takeQuoted(_ quote: Character) -> String? {
        let start = index
        var content = ""
        var lines = 0
        index += 1
        while let character = current {
            index += 1
            if character == quote {
                line += lines
                return content
            }
            if character.isNewline { lines += 1 }
            content.append(character)
            if quote == "\"", character == "\\", let next = current {
                content.append(next)
                index += 1
            }
        }
        index = start
        return nil
    }

    private func variable(_ name: String) -> String? {
        entries.last { $0.name == name }?.value ?? lookup(name)
    }

    private static func unescape(_ raw: String, replacing variable: (String) -> String?) -> String {
        var result = ""
        var plain = ""
        var isEscaped = false
        for character in raw {
            guard isEscaped else {
                if character == "\\" { isEscaped = true } else { plain.append(character) }
                continue
            }
            isEscaped = false
            result += replaceVariables(plain, variable)
            plain = ""
            switch character {
            case "n": result.append("\n")
            case "r": result.append("\r")
            case "t": result.append("\t")
            case "\"", "\\", "$": result.append(character)
            default: result += "\\" + String(character)
            }
        }
        return result + replaceVariables(plain, variable) + (isEscaped ? "\\" : "")
    }

    private static func replaceVariables(_ raw: String, _ variable: (String) -> String?) -> String {
        guard raw.contains("$") else { return raw }
        var result = ""
        var rest = raw[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "{", let close = rest.firstIndex(of: "}") {
                result += expand(rest[..<close].dropFirst(), variable)
                rest = rest[rest.index(after: close)...]
            } else if rest.first == "$" {
                result.append("$")
                rest = rest.dropFirst()
            } else {
                let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                result += name.isEmpty ? "$" : variable(String(name)) ?? ""
                rest = rest.dropFirst(name.count)
            }
        }
        return result + rest
    }

    /// - Parameter body: what stands between the braces.
    private static func expand(_ body: Substring, _ variable: (String) -> String?) -> String {
        let name = body.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let value = variable(String(name))
        let rest = body.dropFirst(name.count)
        if rest.hasPrefix(":-") { return value.flatMap { $0.isEmpty ? nil : $0 } ?? String(rest.dropFirst(2)) }
        if rest.hasPrefix("-") { return value ?? String(rest.dropFirst()) }
        return value ?? ""
    }
}
