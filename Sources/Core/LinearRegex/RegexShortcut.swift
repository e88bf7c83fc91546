/// Patterns that need no automaton. Most matchers in queries are of these kinds.
enum RegexShortcut: Sendable {
    /// `.*`
    case anything
    /// `.+`
    case nonEmpty
    /// `a|b|c`, ASCII only.
    case oneOf(Set<String>)

    /// Alternatives that are enumerated at most; larger patterns take the automaton.
    private static let alternativeLimit = 10_000

    init?(_ node: RegexNode) {
        switch node {
        case .repetition(.set(.all), 0, nil, _):
            self = .anything
        case .repetition(.set(.all), 1, nil, _):
            self = .nonEmpty
        default:
            guard let texts = Self.alternatives(node) else { return nil }
            self = .oneOf(Set(texts))
        }
    }

    func matches(_ text: String) -> Bool {
        switch self {
        case .anything: true
        case .nonEmpty: !text.isEmpty
        // The set compares by canonical equivalence (U+212A equals "K"), the pattern by code point.
        case .oneOf(let texts): texts.contains(text) && text.utf8.allSatisfy { $0 < 0x80 }
        }
    }

    private static func alternatives(_ node: RegexNode) -> [String]? {
        switch node {
        case .empty:
            return [""]
        case .set(let set):
            guard let rune = set.single, rune < 0x80, let scalar = Unicode.Scalar(rune) else { return nil }
            return [String(Character(scalar))]
        case .group(let inner, _):
            return alternatives(inner)
        case .alternation(let branches):
            var result: [String] = []
            for branch in branches {
                guard let texts = alternatives(branch), result.count + texts.count <= alternativeLimit else {
                    return nil
                }
                result += texts
            }
            return result
        case .sequence(let items):
            var result = [""]
            for item in items {
                guard let texts = alternatives(item), result.count * texts.count <= alternativeLimit else { return nil }
                result =
                    texts.count == 1
                    ? result.map { $0 + texts[0] } : result.flatMap { start in texts.map { start + $0 } }
            }
            return result
        case .assertion, .repetition:
            return nil
        }
    }
}
