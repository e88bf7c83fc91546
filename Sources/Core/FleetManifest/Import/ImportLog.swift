/// What one import found, within bounds that no honest file reaches.
final class ImportLog {
    /// Notes; more would not be read by anybody.
    static let limit = 1000
    /// Bytes of one part of a path or of a quoted value in a message.
    private static let partLimit = 80

    let file: String
    let findings = Findings()
    private var notes: [ImportNote] = []
    private var seen: Set<ImportNote> = []
    private var dropped = 0
    /// Bytes of text that may still be carried over: aliases multiply what a file says.
    private var budget = TreeReader.sizeLimit

    init(file: String) { self.file = file }

    /// Sorted by line.
    var omissions: [ImportNote] {
        let sorted = notes.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
            .map(\.element)
        guard dropped > 0 else { return sorted }
        return sorted + [ImportNote(file: file, line: 0, path: "", message: "… and \(dropped) more omissions")]
    }

    func note(_ path: ImportPath, at place: Place, _ message: String) { note(path, line: place.line, message) }

    func note(_ path: ImportPath, line: Int, _ message: String) {
        let note = ImportNote(file: file, line: line, path: path.text, message: message)
        guard notes.count < Self.limit else {
            dropped += 1
            return
        }
        // An alias brings the same line of the file more than once.
        if seen.insert(note).inserted { notes.append(note) }
    }

    /// False when no more can be carried over; that is an error then.
    func spend(_ bytes: Int) -> Bool {
        guard bytes <= budget else {
            tooLarge()
            return false
        }
        budget -= bytes
        return true
    }

    func tooLarge() {
        findings.error(
            .unreadable,
            at: .whole(file),
            "would become a manifest of more than \(TreeReader.sizeLimit >> 20) MiB when its aliases are followed"
        )
    }

    /// A value for messages: short, on one line.
    static func quoted(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(partLimit).map { $0.value < 32 || $0.value == 127 ? " " : $0 }
        return "\"\(String(String.UnicodeScalarView(scalars)))\""
    }
}

/// Where in a file something stands, by keys: `services.web.ports[2]`.
struct ImportPath: Hashable, Sendable {
    private(set) var text: String

    init(_ text: String) { self.text = text }

    static func / (path: Self, key: String) -> Self {
        let part = ImportLog.quoted(key).dropFirst().dropLast()
        return Self(path.text.isEmpty ? String(part) : "\(path.text).\(part)")
    }

    subscript(index: Int) -> Self { Self("\(text)[\(index)]") }
}
