/// One pattern of a watch rule. `*` and `?` stay within a name, `[a-z]` and `[!a]` are classes, `**` is any number of
/// folders, `\` takes the next character as it is, a trailing `/` means folders only. Anchored as gitignore(5) does it: a
/// pattern with a `/` at its start or in its middle belongs to the top, any other matches at every depth. What lies in a
/// folder that matches, matches as well (compose specification, develop.watch.ignore).
///
/// Takes time in proportion to path times pattern, whatever the pattern: no backtracking over folders.
package struct GlobPattern: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        /// `**`
        case anyFolders
        case name([Token])
    }

    private enum Token: Sendable, Hashable {
        case literal(Unicode.Scalar)
        case anyCharacter
        case anyCharacters
        case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    private var parts: [Part] = []
    private let isFolderOnly: Bool

    package init(_ text: String) {
        var names = text.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        names.removeAll { $0 == "." }
        isFolderOnly = text.hasSuffix("/")
        let isAnchored = names.count > 1 || text.hasPrefix("/") || text.hasPrefix("./")
        guard !names.isEmpty else { return }
        if !isAnchored { parts.append(.anyFolders) }
        for name in names {
            if name != "**" {
                parts.append(.name(Self.tokens(name)))
            } else if parts.last != .anyFolders {
                parts.append(.anyFolders)
            }
        }
        // `a/**` is what lies in a, not a itself.
        if names.last == "**" { parts.append(.name([.anyCharacters])) }
    }

    /// `path`: relative, with `/` between names; a folder ends with `/`.
    package func matches(_ path: String) -> Bool {
        guard !parts.isEmpty else { return false }
        let names = path.split(separator: "/", omittingEmptySubsequences: true)
        let isFolder = path.hasSuffix("/")
        // After some names of the path: which parts of the pattern may come next.
        var open = entered([true] + Array(repeating: false, count: parts.count))
        for (index, name) in names.enumerated() {
            let scalars = Array(name.unicodeScalars)
            var next = Array(repeating: false, count: parts.count + 1)
            for (position, part) in parts.enumerated() where open[position] {
                switch part {
                case .anyFolders: next[position] = true
                case .name(let tokens):
                    if Self.matches(scalars, tokens) { next[position + 1] = true }
                }
            }
            open = entered(next)
            if open[parts.count], !isFolderOnly || isFolder || index + 1 < names.count { return true }
            guard open.contains(true) else { return false }
        }
        return false
    }

    /// `**` may stand for no folder at all.
    private func entered(_ open: [Bool]) -> [Bool] {
        var open = open
        for (position, part) in parts.enumerated() where open[position] && part == .anyFolders {
            open[position + 1] = true
        }
        return open
    }

    /// One name against one part. A star is given one character more whenever what follows it fails; only the last star
    /// has to be reconsidered.
    private static func matches(_ name: [Unicode.Scalar], _ tokens: [Token]) -> Bool {
        var (at, token) = (0, 0)
        var star: (token: Int, at: Int)?
        while at < name.count {
            if token < tokens.count, case .anyCharacters = tokens[token] {
                star = (token, at)
                token += 1
            } else if token < tokens.count, accepts(name[at], tokens[token]) {
                at += 1
                token += 1
            } else if let last = star {
                star = (last.token, last.at + 1)
                at = last.at + 1
                token = last.token + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .anyCharacters }
    }

    private static func accepts(_ scalar: Unicode.Scalar, _ token: Token) -> Bool {
        switch token {
        case .literal(let wanted): scalar == wanted
        case .anyCharacter: true
        case .anyCharacters: false
        case .oneOf(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
        }
    }

    // MARK: - Reading

    private static func tokens(_ name: String) -> [Token] {
        let scalars = Array(name.unicodeScalars)
        var tokens: [Token] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            switch scalar {
            case "*": if tokens.last != .anyCharacters { tokens.append(.anyCharacters) }
            case "?": tokens.append(.anyCharacter)
            case "\\" where index < scalars.count:
                tokens.append(.literal(scalars[index]))
                index += 1
            case "[":
                if let (token, end) = characterClass(scalars, from: index) {
                    tokens.append(token)
                    index = end
                } else {
                    // Never closed: a bracket like any other character.
                    tokens.append(.literal(scalar))
                }
            default: tokens.append(.literal(scalar))
            }
        }
        return tokens
    }

    /// `from`: behind the bracket. A `]` that comes first is a member.
    private static func characterClass(_ scalars: [Unicode.Scalar], from: Int) -> (Token, end: Int)? {
        var index = from
        var isNegated = false
        if index < scalars.count, scalars[index] == "!" || scalars[index] == "^" {
            isNegated = true
            index += 1
        }
        let first = index
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while index < scalars.count {
            let low = scalars[index]
            if low == "]", index > first { return (.oneOf(ranges, isNegated: isNegated), index + 1) }
            if index + 2 < scalars.count, scalars[index + 1] == "-", scalars[index + 2] != "]" {
                let high = scalars[index + 2]
                // A range the wrong way round holds nothing.
                if low <= high { ranges.append(low...high) }
                index += 3
            } else {
                ranges.append(low...low)
                index += 1
            }
        }
        return nil
    }
}

/// Patterns in order; the last one that matches decides, and one that begins with `!` takes back (gitignore(5)).
package struct GlobList: Sendable, Hashable {
    private var patterns: [(pattern: GlobPattern, isKept: Bool)] = []
    /// The texts, in order.
    package let texts: [String]

    package init(_ texts: [String]) {
        self.texts = texts
        patterns = texts.map { text in
            text.hasPrefix("!") ? (GlobPattern(String(text.dropFirst())), false) : (GlobPattern(text), true)
        }
    }

    package func matches(_ path: String) -> Bool {
        patterns.last { $0.pattern.matches(path) }?.isKept ?? false
    }

    package static func == (left: Self, right: Self) -> Bool { left.texts == right.texts }

    package func hash(into hasher: inout Hasher) { hasher.combine(texts) }
}
