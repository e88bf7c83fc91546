/// One thing that is wrong with a manifest: a code to match on, a place, a sentence, and where possible a hint.
package struct ManifestError: Error, Sendable, Hashable {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// Not YAML, not UTF-8, too large, too deep…
        case unreadable
        case unknownKey
        /// Part of the design, and not there yet.
        case unsupported
        case missing
        /// A value of the wrong kind or outside its range.
        case badValue
        case duplicate
        case unknownName
        case cycle
        /// `${…}` that cannot be replaced.
        case interpolation
        case include
    }

    package var code: Code
    /// As shown to people: the manifest's own name, an include as it was written.
    package var file: String
    /// From 1; 0 = the file as a whole.
    package var line: Int
    /// From 1, in Unicode scalars; 0 = the line as a whole.
    package var column: Int
    package var message: String
    /// Empty, or what to do: `did you mean "command"?`
    package var hint: String

    init(_ code: Code, at place: Place, _ message: String, hint: String = "") {
        self.code = code
        file = place.file
        line = place.line
        column = place.column
        self.message = Self.bounded(message)
        self.hint = Self.bounded(hint)
    }

    /// What a manifest says in a message of its own, or as a name, may be as long as the manifest.
    static func bounded(_ text: String) -> String {
        text.utf8.count <= 2000 ? text : "\(String(decoding: text.utf8.prefix(2000), as: UTF8.self))…"
    }
}

extension ManifestError: CustomStringConvertible {
    /// `fleet.yaml:12:7: unknown key "comand"; did you mean "command"?`
    package var description: String {
        let place = line == 0 ? file : column == 0 ? "\(file):\(line)" : "\(file):\(line):\(column)"
        return "\(place): \(message)\(hint.isEmpty ? "" : "; \(hint)")"
    }
}

/// Where a value stands.
struct Place: Sendable, Hashable {
    var file: String
    /// From 1; 0 = the file as a whole.
    var line: Int
    /// From 1; 0 = the line as a whole.
    var column: Int

    static func whole(_ file: String) -> Self { Self(file: file, line: 0, column: 0) }
    static func line(_ line: Int, of file: String) -> Self { Self(file: file, line: line, column: 0) }

    func moved(by columns: Int) -> Self { Self(file: file, line: line, column: column + columns) }
}

/// Collects everything that is wrong, so that people see all of it at once.
final class Findings {
    /// More would not be read by anybody.
    static let limit = 100

    private(set) var errors: [ManifestError] = []
    private(set) var warnings: [ManifestError] = []
    private var seen: Set<ManifestError> = []
    /// Errors that were told to this, whether they were kept or not: whether a value has been complained about.
    private(set) var noticed = 0
    /// Errors that were more than `limit`.
    private(set) var dropped = 0
    /// Bytes that interpolation may still write in this load: aliases multiply what a file says.
    private var expansionBudget = 16 << 20

    /// What else is wrong would be counted, not shown.
    var isFull: Bool { errors.count >= Self.limit }

    var canExpand: Bool { expansionBudget > 0 }

    func spend(_ bytes: Int) { expansionBudget -= min(bytes, expansionBudget) }

    /// The same value of `defaults` is read once per service, and complained about once. Looking for a hint costs time,
    /// so it is done for what is kept alone.
    func error(
        _ code: ManifestError.Code,
        at place: Place,
        _ message: String,
        hint: @autoclosure () -> String = ""
    ) {
        noticed += 1
        guard errors.count < Self.limit else {
            dropped += 1
            return
        }
        var error = ManifestError(code, at: place, message)
        guard seen.insert(error).inserted else { return }
        error.hint = ManifestError.bounded(hint())
        errors.append(error)
    }

    func warning(
        _ code: ManifestError.Code,
        at place: Place,
        _ message: String,
        hint: @autoclosure () -> String = ""
    ) {
        guard warnings.count < Self.limit else { return }
        var warning = ManifestError(code, at: place, message)
        guard seen.insert(warning).inserted else { return }
        warning.hint = ManifestError.bounded(hint())
        warnings.append(warning)
    }
}
