import Yams

/// Turns the bytes of one file into a tree, within bounds that no honest manifest reaches.
struct TreeReader {
    /// Bytes of one file.
    static let sizeLimit = 4 << 20
    /// Values after aliases are expanded: the end of every "billion laughs".
    static let nodeLimit = 200_000

    private let file: String
    private let findings: Findings
    private var nodes = 0

    private struct GivenUp: Error {}

    private init(file: String, findings: Findings) {
        self.file = file
        self.findings = findings
    }

    /// nil when there is nothing to go on with; the findings say why.
    static func read(_ bytes: [UInt8], file: String, findings: Findings) -> YAMLTree? {
        var reader = TreeReader(file: file, findings: findings)
        return reader.read(bytes)
    }

    private mutating func read(_ bytes: [UInt8]) -> YAMLTree? {
        guard bytes.count <= Self.sizeLimit else {
            return fail(.whole(file), "is larger than \(Self.sizeLimit >> 20) MiB; that is no manifest")
        }
        var bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return fail(place(of: Self.firstInvalid(bytes), in: bytes), "is not UTF-8 text")
        }
        if let trouble = TextScan.firstTrouble(in: bytes) {
            return fail(Place(file: file, line: trouble.line, column: trouble.column), trouble.message)
        }
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot() else { return fail(.whole(file), "is empty") }
            return try tree(root, depth: 0)
        } catch let error as YamlError {
            report(error, text)
        } catch {
            // `GivenUp` has been reported where it was thrown.
        }
        return nil
    }

    private func fail(_ place: Place, _ message: String, hint: String = "") -> YAMLTree? {
        findings.error(.unreadable, at: place, message, hint: hint)
        return nil
    }

    // MARK: - Nodes

    private mutating func tree(_ node: Node, depth: Int) throws -> YAMLTree {
        let place = Place(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        nodes += 1
        guard nodes <= Self.nodeLimit else {
            throw givenUp(place, "holds more than \(Self.nodeLimit) values when its aliases are followed")
        }
        guard depth <= TextScan.depthLimit else { throw givenUp(place, "is nested too deeply") }
        switch node {
        case .scalar(let scalar):
            // Asking `Node.tag` would resolve it, and the basic resolver finds text everywhere.
            let isText = scalar.tag.description == textTag
            if !isText { checkTag(scalar.tag, place) }
            return .scalar(scalar.string, isPlain: scalar.style == .plain && !isText, place)
        case .sequence(let sequence):
            checkTag(sequence.tag, place)
            return .list(try sequence.map { try tree($0, depth: depth + 1) }, place)
        case .mapping(let mapping):
            checkTag(mapping.tag, place)
            return .mapping(try mapping.map { try entry($0, $1, depth: depth + 1) }, place)
        case .alias: throw givenUp(place, "has an alias that leads nowhere")
        }
    }

    private mutating func entry(_ key: Node, _ value: Node, depth: Int) throws -> YAMLTree.Entry {
        let place = Place(file: file, line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
        guard case .scalar(let scalar) = key else {
            throw givenUp(place, "a key must be plain text")
        }
        // A quoted "<<" is an ordinary key.
        let isMerge = scalar.string == "<<" && scalar.style == .plain
        let value = try tree(value, depth: depth)
        return YAMLTree.Entry(key: isMerge ? mergeKey : scalar.string, place: place, value: value)
    }

    private func givenUp(_ place: Place, _ message: String) -> GivenUp {
        findings.error(.unreadable, at: place, message)
        return GivenUp()
    }

    private func checkTag(_ tag: Tag, _ place: Place) {
        let name = tag.description
        let core = ["bool", "int", "float", "null", "map", "seq"].map { "tag:yaml.org,2002:\($0)" }
        guard !name.isEmpty, name != "!", !core.contains(name) else { return }
        findings.error(.unsupported, at: place, "the tag \"\(name)\" is not supported")
    }

    private let textTag = "tag:yaml.org,2002:str"

    // MARK: - What libyaml says

    private func report(_ error: YamlError, _ text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = Place(file: file, line: mark.line, column: mark.column)
            findings.error(.unreadable, at: place, Self.plainer(problem), hint: hint(problem, context))
        case .duplicatedKeysInMapping(let keys, let context): reportDuplicates(keys.sorted(), context.mark, text)
        default: findings.error(.unreadable, at: .whole(file), "cannot be read as YAML")
        }
    }

    private static let strayMark = "did not find expected alphabetic or numeric character"

    private static func plainer(_ problem: String) -> String {
        switch problem {
        case "did not find expected node content": "a value is missing"
        case "found undefined alias": "an alias of an anchor that is not defined before it"
        case "but found another document": "a second document begins here; a manifest is a single one"
        case "mapping values are not allowed in this context": "a colon and a blank are not allowed here"
        // `*/5 * * * *` and `**/*.swift` are what people mean by it.
        case Self.strayMark: "* and & begin an alias and an anchor, and here is no name"
        case "could not find expected ':'": "a colon is missing on this line or the one before"
        case "did not find expected key": "this line is not indented as its neighbours are"
        case let other where other.hasPrefix("did not find expected ',' or"): "a comma or a closing bracket is missing"
        case let other where other.hasPrefix("Maximum nesting"): "is nested too deeply"
        default: problem
        }
    }

    private func hint(_ problem: String, _ context: YamlError.Context?) -> String {
        switch problem {
        case "mapping values are not allowed in this context": return "put the text in quotes"
        case "found character that cannot start any token", Self.strayMark: return "put the text in quotes"
        default:
            guard let context, context.mark.line > 0, !context.text.hasPrefix("expected") else { return "" }
            return "\(context.text) that begins at line \(context.mark.line)"
        }
    }

    /// Yams names the keys and the place of the first of them; the second one is what people look for.
    private func reportDuplicates(_ keys: [String], _ first: Mark, _ text: String) {
        let name = keys.first ?? ""
        let lines = text.split(separator: "\n", maxSplits: 1_000_000, omittingEmptySubsequences: false)
        var second: Place?
        for number in (first.line + 1)..<max(first.line + 1, lines.count + 1) {
            let line = lines[number - 1].unicodeScalars.dropFirst(max(0, first.column - 1))
            let prefix = lines[number - 1].unicodeScalars.prefix(max(0, first.column - 1))
            guard prefix.allSatisfy({ $0 == " " || $0 == "-" }) else { continue }
            let candidates = ["\(name):", "\"\(name)\":", "'\(name)':"]
            if candidates.contains(where: { String(line).hasPrefix($0) }) {
                second = Place(file: file, line: number, column: first.column)
                break
            }
        }
        let hint = second == nil ? "" : "the first one is at line \(first.line)"
        let place = second ?? Place(file: file, line: first.line, column: first.column)
        findings.error(.duplicate, at: place, "\"\(name)\" is given twice", hint: hint)
    }

    // MARK: - Bytes

    private static func firstInvalid(_ bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput, .error: return min(offset, max(0, bytes.count - 1))
            }
        }
    }

    private func place(of offset: Int, in bytes: [UInt8]) -> Place {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.reduce(1) { $1 == 10 ? $0 + 1 : $0 }
        let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        return Place(file: file, line: line, column: offset - start + 1)
    }
}

/// How the tree marks an unquoted `<<`; no key of a manifest can be spelled like this.
let mergeKey = "\u{0}<<"
