/// Writes a draft as YAML that people like to go on with: small things on one line, texts quoted only where they must be.
enum DraftWriter {
    /// Columns up to which a collection stands on one line.
    private static let width = 96
    /// The manifest, its services, each service: never on one line.
    private static let openLevels = 3

    static func manifest(_ draft: Draft, headline: String) -> String {
        let lines = ["# \(headline)"] + block(draft, level: 0)
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: - Blocks

    private static func block(_ draft: Draft, level: Int) -> [String] {
        switch draft {
        case .text, .plain: [scalar(draft)]
        case .list(let items): items.flatMap { item($0, level: level) }
        case .mapping(let entries): entries.flatMap { entry($0, level: level) }
        }
    }

    private static func item(_ draft: Draft, level: Int) -> [String] {
        if let line = flow(draft) { return ["- \(line)"] }
        let lines = block(draft, level: level + 1)
        return lines.enumerated().map { $0.offset == 0 ? "- \($0.element)" : indented($0.element) }
    }

    private static func entry(_ entry: Draft.Entry, level: Int) -> [String] {
        let key = quotedIfNeeded(entry.key)
        if case .text(let text) = entry.value, let literal = literal(text) {
            return ["\(key): \(literal.header)"] + literal.lines.map(indented)
        }
        if entry.value.isScalar { return ["\(key): \(scalar(entry.value))"] }
        let isOpen = level < openLevels - 1 && entry.value.isMapping
        if !isOpen, let line = flow(entry.value) { return ["\(key): \(line)"] }
        return ["\(key):"] + block(entry.value, level: level + 1).map(indented)
    }

    private static func indented(_ line: String) -> String { line.isEmpty ? line : "  \(line)" }

    // MARK: - One line

    /// nil when it does not fit.
    private static func flow(_ draft: Draft) -> String? {
        var left = width
        return flow(draft, &left)
    }

    private static func flow(_ draft: Draft, _ left: inout Int) -> String? {
        let text: String
        switch draft {
        case .text(let value) where value.utf8.count > width: return nil
        case .text(let value):
            // Several words in a row of others read better in quotes.
            text = value.utf8.contains(UInt8(ascii: " ")) ? quoted(value) : quotedIfNeeded(value)
            left -= text.utf8.count
        case .plain(let value):
            text = value
            left -= text.utf8.count
        case .list(let items):
            var parts: [String] = []
            for item in items {
                left -= 2
                guard left >= 0, let part = flow(item, &left) else { return nil }
                parts.append(part)
            }
            text = "[\(parts.joined(separator: ", "))]"
        case .mapping(let entries):
            var parts: [String] = []
            for entry in entries {
                let key = quotedIfNeeded(entry.key)
                left -= key.utf8.count + 4
                guard left >= 0, let part = flow(entry.value, &left) else { return nil }
                parts.append("\(key): \(part)")
            }
            text = "{\(parts.joined(separator: ", "))}"
        }
        return left < 0 ? nil : text
    }

    // MARK: - Scalars

    private static func scalar(_ draft: Draft) -> String {
        switch draft {
        case .text(let text): quotedIfNeeded(text)
        case .plain(let text): text
        case .list: "[]"
        case .mapping: "{}"
        }
    }

    private static func quotedIfNeeded(_ text: String) -> String { isSafe(text) ? text : quoted(text) }

    /// Words of letters, digits and harmless signs, which no version of YAML takes for anything but a text.
    static func isSafe(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 256 else { return false }
        if (48...57).contains(first) { return isQuantity(text) }
        guard
            isLetter(first) || first == UInt8(ascii: "_") || first == UInt8(ascii: "/") || text.hasPrefix("./")
                || text.hasPrefix("../")
        else {
            return false
        }
        var before = first
        for byte in text.utf8 {
            let isWord = isLetter(byte) || (48...57).contains(byte) || "-_./@%+=".utf8.contains(byte)
            guard isWord || (byte == UInt8(ascii: " ") && before != byte) else { return false }
            before = byte
        }
        return before != UInt8(ascii: " ") && !reserved.contains(text.lowercased())
    }

    /// `30s`, `512MiB`: no version of YAML has such numbers.
    private static func isQuantity(_ text: String) -> Bool {
        guard let last = text.utf8.last, "smhB".utf8.contains(last), !text.utf8.contains(UInt8(ascii: ".")) else {
            return false
        }
        return text.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) }
            && (Quantity.duration(text) != nil || (text.hasSuffix("iB") && Quantity.bytes(text) != nil))
    }

    private static let reserved: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: out += "\\\""
            case 0x5C: out += "\\\\"
            case 0x0A: out += "\\n"
            case 0x09: out += "\\t"
            case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...:
                out.unicodeScalars.append(scalar)
            default: out += "\\u" + hexadecimal(scalar.value)
            }
        }
        return out + "\""
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// A script of several lines, as it was written. nil for a text that a literal block cannot hold.
    private static func literal(_ text: String) -> (header: String, lines: [String])? {
        guard text.utf8.dropLast().contains(UInt8(ascii: "\n")), !text.hasSuffix("\n\n"),
            let first = text.utf8.first, first > 32
        else { return nil }
        let isHarmless = text.unicodeScalars.allSatisfy {
            switch $0.value {
            case 0x09, 0x0A, 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...:
                true
            default: false
            }
        }
        guard isHarmless else { return nil }
        let endsLine = text.hasSuffix("\n")
        let body = endsLine ? text.dropLast() : text[...]
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // Blanks on a line of their own would be lost or taken for the block's depth.
        guard lines.allSatisfy({ $0.isEmpty || !$0.utf8.allSatisfy { $0 <= 32 } }) else { return nil }
        return (endsLine ? "|" : "|-", lines)
    }
}

extension Draft {
    fileprivate var isScalar: Bool {
        switch self {
        case .text, .plain: true
        case .list, .mapping: false
        }
    }

    fileprivate var isMapping: Bool { if case .mapping = self { true } else { false } }
}
