/// Words as a POSIX shell splits them, in texts of the manifest: `${…}` is one piece, whatever is in it.
enum ShellWords {
    /// Nothing is expanded; quotes and backslashes are taken away.
    /// - Returns: nil when a quote is not closed.
    static func split(_ text: String) -> [String]? {
        let bytes = Array(text.utf8)
        var words: [String] = []
        var word: [UInt8] = []
        var isOpen = false
        var quote: UInt8?
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let step = piece(of: bytes, at: index, quote)
            switch step {
            case .toggle:
                quote = quote == nil ? byte : nil
                isOpen = true
                index += 1
            case .text(let piece, let length):
                word += piece
                isOpen = true
                index += length
            case .blank:
                if isOpen { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
                isOpen = false
                index += 1
            }
        }
        if isOpen { words.append(String(decoding: word, as: UTF8.self)) }
        return quote == nil ? words : nil
    }

    private enum Step {
        case toggle
        case blank
        case text(ArraySlice<UInt8>, length: Int)
    }

    private static func piece(of bytes: [UInt8], at index: Int, _ quote: UInt8?) -> Step {
        let byte = bytes[index]
        if let end = DollarText.endOfVariable(in: bytes, at: index) {
            return .text(bytes[index..<end], length: end - index)
        }
        // An escaped dollar must not lend its second half to a brace.
        if byte == dollar, index + 1 < bytes.count, bytes[index + 1] == dollar {
            return .text(bytes[index...(index + 1)], length: 2)
        }
        switch (byte, quote) {
        case (single, nil), (single, single), (double, nil), (double, double): return .toggle
        case (backslash, nil) where index + 1 < bytes.count:
            return .text(bytes[(index + 1)...(index + 1)], length: 2)
        case (backslash, double) where index + 1 < bytes.count && [double, backslash].contains(bytes[index + 1]):
            return .text(bytes[(index + 1)...(index + 1)], length: 2)
        case (9, nil), (10, nil), (13, nil), (32, nil): return .blank
        default: return .text(bytes[index...index], length: 1)
        }
    }

    /// A variable that stands outside of quotes: its value may turn into several words.
    static func hasBareVariable(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var quote: UInt8?
        var index = 0
        while index < bytes.count {
            if DollarText.endOfVariable(in: bytes, at: index) != nil, quote == nil { return true }
            switch piece(of: bytes, at: index, quote) {
            case .toggle:
                quote = quote == nil ? bytes[index] : nil
                index += 1
            case .text(_, let length): index += length
            case .blank: index += 1
            }
        }
        return false
    }

    /// A shell would do more with this than split it into words.
    static func hasShellSyntax(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            if let end = DollarText.endOfVariable(in: bytes, at: index) {
                index = end
                continue
            }
            if bytes[index] == dollar || ";&|<>()*?[]{}~#!`\n".utf8.contains(bytes[index]) { return true }
            index += 1
        }
        return false
    }

    /// What a shell splits into these words again; variables of the manifest stay variables.
    static func joined(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    static func quoted(_ word: String) -> String {
        let isSafe =
            !word.isEmpty
            && word.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || "-_./:=@%+,".utf8.contains($0)
            }
        return isSafe
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private static let dollar = UInt8(ascii: "$")
    private static let single = UInt8(ascii: "'")
    private static let double = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
}
