/// JSON, with the keys of an object in the order of writing.
indirect enum SchemaValue: Hashable, Sendable {
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case list([SchemaValue])
    case object([Member])

    struct Member: Hashable, Sendable {
        var key: String
        var value: SchemaValue

        init(_ key: String, _ value: SchemaValue) {
            self.key = key
            self.value = value
        }
    }

    static func texts(_ values: [String]) -> SchemaValue { .list(values.map(SchemaValue.text)) }

    /// Indented by two; lists of scalars stand on one line.
    var written: String { lines.joined(separator: "\n") }

    private var lines: [String] {
        switch self {
        case .text(let text): [Self.quoted(text)]
        case .integer(let value): [String(value)]
        case .number(let value): [value == value.rounded() ? String(Int(value)) : String(value)]
        case .boolean(let value): [value ? "true" : "false"]
        case .list(let items):
            items.contains(where: \.isCollection)
                ? Self.wrapped(items.map(\.lines), "[", "]")
                : ["[\(items.flatMap(\.lines).joined(separator: ", "))]"]
        case .object(let members) where members.isEmpty: ["{}"]
        case .object(let members):
            Self.wrapped(
                members.map { member in
                    var lines = member.value.lines
                    lines[0] = "\(Self.quoted(member.key)): \(lines[0])"
                    return lines
                },
                "{",
                "}"
            )
        }
    }

    private var isCollection: Bool {
        switch self {
        case .list, .object: true
        case .text, .integer, .number, .boolean: false
        }
    }

    private static func wrapped(_ parts: [[String]], _ open: String, _ close: String) -> [String] {
        var lines = [open]
        for (index, part) in parts.enumerated() {
            lines += part.map { "  \($0)" }
            if index < parts.count - 1 { lines[lines.count - 1] += "," }
        }
        return lines + [close]
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
