/// A first look at a manifest's bytes, before libyaml sees them. It finds what libyaml explains badly (tabs, control
/// characters) and what would cost time or stack out of proportion (deep nesting, collections as keys).
struct TextScan {
    struct Trouble: Equatable {
        var line: Int
        var column: Int
        var message: String
    }

    /// No manifest nests deeper; libyaml itself stops at 1000, by which a debug build has used much of a thread's stack.
    static let depthLimit = 64

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var lineStart = 0
    private var flowDepth = 0
    /// Lines and commas of structure: not far from the number of values.
    private var values = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func firstTrouble(in bytes: [UInt8]) -> Trouble? {
        var scan = TextScan(bytes)
        while scan.index < bytes.count {
            if let trouble = scan.scanLine() { return trouble }
            if scan.values > TreeReader.nodeLimit {
                return scan.trouble("holds more than \(TreeReader.nodeLimit) values", at: scan.lineStart)
            }
        }
        return nil
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func trouble(_ message: String, at offset: Int) -> Trouble {
        Trouble(line: line, column: offset - lineStart + 1, message: message)
    }

    private mutating func newLine() {
        index += 1
        line += 1
        lineStart = index
    }

    private mutating func scanLine() -> Trouble? {
        var tab: Int?
        while let byte = current, byte == space || byte == UInt8(ascii: "\t") {
            if byte != space { tab = tab ?? index }
            index += 1
        }
        if let tab, flowDepth == 0, let byte = current, byte != lineFeed, byte != UInt8(ascii: "#"), byte != 13 {
            return trouble("tabs cannot indent YAML", at: tab)
        }
        if let byte = current, byte != lineFeed, byte != UInt8(ascii: "#") { values += 1 }
        let indent = blockIndent()
        if indent == lineStart, let byte = current, byte == 95 || (65...122).contains(byte) { flowDepth = 0 }
        if indent - lineStart > 2 * Self.depthLimit + 512 { return trouble("is nested too deeply", at: index) }
        while let byte = current, byte != lineFeed {
            if byte < 32, byte != 9, byte != 13 {
                return trouble("control character \(byte) is not allowed", at: index)
            }
            // Looking back from each of many blanks would take the square of their number.
            if byte == space {
                index += 1
                continue
            }
            if isTokenStart(index) {
                if byte == UInt8(ascii: "#") {
                    skipToLineEnd()
                    break
                }
                if byte == UInt8(ascii: "|") || byte == UInt8(ascii: ">"), flowDepth == 0, isBlockHeader() {
                    // Directly behind a dash, the dash's own column counts.
                    let isItem = index == indent && indent - lineStart >= 2
                    skipToLineEnd()
                    skipBlock(deeperThan: indent - lineStart - (isItem ? 2 : 0))
                    return nil
                }
                if isValueStart(index), let trouble = scanToken(byte) { return trouble }
            } else if let trouble = scanBrackets(byte) {
                return trouble
            }
            index += 1
        }
        if current != nil { newLine() }
        return nil
    }

    /// Offset of the first byte behind spaces and `- ` of a line: what a block scalar has to be deeper than.
    private func blockIndent() -> Int {
        var offset = index
        while offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "-"), bytes[offset + 1] == space { offset += 2 }
        return offset
    }

    private func isTokenStart(_ offset: Int) -> Bool {
        guard offset > lineStart else { return true }
        let before = bytes[offset - 1]
        return before == space || before == 9 || (flowDepth > 0 && [44, 91, 123].contains(before))
    }

    /// Where a value or a key may begin, as against the middle of a plain text.
    private func isValueStart(_ offset: Int) -> Bool {
        var before = offset - 1
        while before >= lineStart, bytes[before] == space { before -= 1 }
        guard before >= lineStart else { return true }
        return [44, 45, 58, 63, 91, 123].contains(bytes[before])
    }

    /// First on its line, behind dashes at most, or in a flow mapping.
    private func isKeyStart(_ offset: Int) -> Bool {
        if flowDepth > 0 { return true }
        return bytes[lineStart..<offset].allSatisfy { $0 == space || $0 == UInt8(ascii: "-") }
    }

    private mutating func scanToken(_ byte: UInt8) -> Trouble? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return skipQuoted(byte)
        case UInt8(ascii: "?"):
            guard isKeyStart(index) else { return nil }
            let next = index + 1 < bytes.count ? bytes[index + 1] : lineFeed
            return next == space || next == lineFeed ? trouble("a key must be plain text", at: index) : nil
        case UInt8(ascii: "*"):
            let start = index
            guard isKeyStart(start) else { return nil }
            while let byte = current, byte > space, ![44, 93, 125].contains(byte) { index += 1 }
            defer { index -= 1 }
            return isColonNext() ? trouble("a key must be plain text, not an alias", at: start) : nil
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            flowDepth += 1
            return flowDepth > Self.depthLimit ? trouble("is nested too deeply", at: index) : nil
        default: return scanBrackets(byte)
        }
    }

    private mutating func scanBrackets(_ byte: UInt8) -> Trouble? {
        guard flowDepth > 0 else { return nil }
        if byte == UInt8(ascii: ",") { values += 1 }
        if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
            flowDepth += 1
            return flowDepth > Self.depthLimit ? trouble("is nested too deeply", at: index) : nil
        }
        guard byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") else { return nil }
        flowDepth -= 1
        index += 1
        defer { index -= 1 }
        return isColonNext() ? trouble("a key must be plain text, not a list or mapping", at: index - 1) : nil
    }

    private func isColonNext() -> Bool {
        var offset = index
        while offset < bytes.count, bytes[offset] == space { offset += 1 }
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: ":") else { return false }
        return offset + 1 >= bytes.count || bytes[offset + 1] <= space
    }

    private func isBlockHeader() -> Bool {
        var offset = index + 1
        while offset < bytes.count, [43, 45].contains(bytes[offset]) || (48...57).contains(bytes[offset]) {
            offset += 1
        }
        while offset < bytes.count, bytes[offset] == space || bytes[offset] == 13 { offset += 1 }
        return offset >= bytes.count || bytes[offset] == lineFeed || bytes[offset] == UInt8(ascii: "#")
    }

    private mutating func skipToLineEnd() {
        while let byte = current, byte != lineFeed { index += 1 }
    }

    /// The lines of a block scalar: blank ones and deeper ones.
    private mutating func skipBlock(deeperThan indent: Int) {
        if current != nil { newLine() }
        while current != nil {
            var offset = index
            while offset < bytes.count, bytes[offset] == space { offset += 1 }
            let isBlank = offset >= bytes.count || bytes[offset] == lineFeed || bytes[offset] == 13
            // A document's own scalar and a key's content may both stand at column 1 only when the key does, too.
            guard isBlank || offset - index > indent else { return }
            skipToLineEnd()
            if current != nil { newLine() }
        }
    }

    /// To the closing quote, over lines if need be.
    private mutating func skipQuoted(_ quote: UInt8) -> Trouble? {
        index += 1
        while let byte = current, byte != quote {
            if byte == lineFeed {
                newLine()
                continue
            }
            if byte < 32, byte != 9, byte != 13 {
                return trouble("control character \(byte) is not allowed", at: index)
            }
            index += byte == UInt8(ascii: "\\") && quote == UInt8(ascii: "\"") ? 2 : 1
        }
        return nil
    }

    private let space = UInt8(ascii: " ")
    private let lineFeed = UInt8(ascii: "\n")
}
