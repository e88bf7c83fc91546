/// What a `$` of somebody else's file becomes in fleet's grammar, where only `${…}` and `$$` mean something.
enum DollarText {
    enum Grammar: Sendable {
        /// `$X` and `${X…}` are variables, `$$` is a dollar: compose, process-compose.
        case compose
        /// Nothing is replaced.
        case literal
    }

    /// Of defaults within defaults; as deep as `Interpolation` follows them.
    private static let depthLimit = Interpolation.depthLimit

    /// - Returns: the text for the manifest; `isSound` is false for a `${…}` that is no variable and was taken
    ///   literally.
    static func carried(_ text: String, _ grammar: Grammar) -> (text: String, isSound: Bool) {
        guard text.utf8.contains(dollar) else { return (text, true) }
        let bytes = Array(text.utf8)
        if grammar == .compose, let variables = variables(bytes[...], depth: 0) {
            return (String(decoding: variables, as: UTF8.self), true)
        }
        return (literal(bytes), grammar == .literal)
    }

    /// True for a text whose value is known only when the manifest is loaded.
    static func isVariable(_ text: String) -> Bool { firstVariable(in: Array(text.utf8)) != nil }

    /// The offset behind the `}` that closes the `${` at `start`; nil when this is no variable or nothing closes it.
    static func endOfVariable(in bytes: [UInt8], at start: Int) -> Int? {
        guard start + 1 < bytes.count, bytes[start] == dollar, bytes[start + 1] == UInt8(ascii: "{") else { return nil }
        return closing(bytes[...], from: start + 2).map { $0 + 1 }
    }

    private static func firstVariable(in bytes: [UInt8]) -> Int? {
        var index = 0
        while index + 1 < bytes.count {
            if bytes[index] == dollar {
                if bytes[index + 1] == UInt8(ascii: "{") { return index }
                if bytes[index + 1] == dollar { index += 1 }
            }
            index += 1
        }
        return nil
    }

    private static func literal(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            result.append(byte)
            guard byte == dollar, index + 1 < bytes.count else { continue }
            if bytes[index + 1] == dollar || bytes[index + 1] == UInt8(ascii: "{") { result.append(dollar) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// nil when something in it is no variable.
    private static func variables(_ bytes: ArraySlice<UInt8>, depth: Int) -> [UInt8]? {
        guard depth < depthLimit else { return nil }
        var result: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard bytes[index] == dollar, index + 1 < bytes.endIndex else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let next = bytes[index + 1]
            if next == dollar {
                result += [dollar, dollar]
                index += 2
            } else if next == UInt8(ascii: "{") {
                guard let end = closing(bytes, from: index + 2), let body = body(bytes[(index + 2)..<end], depth) else {
                    return nil
                }
                result += [dollar, UInt8(ascii: "{")] + body + [UInt8(ascii: "}")]
                index = end + 1
            } else if isNameByte(next), !isDigit(next) {
                let name = bytes[(index + 1)...].prefix(while: isNameByte)
                result += [dollar, UInt8(ascii: "{")] + name + [UInt8(ascii: "}")]
                index += 1 + name.count
            } else {
                result.append(dollar)
                index += 1
            }
        }
        return result
    }

    /// What stands between the braces.
    private static func body(_ bytes: ArraySlice<UInt8>, _ depth: Int) -> [UInt8]? {
        let name = bytes.prefix(while: isNameByte)
        guard let first = name.first, !isDigit(first) else { return nil }
        var rest = bytes.dropFirst(name.count)
        guard !rest.isEmpty else { return Array(name) }
        var mark: [UInt8] = []
        if rest.first == UInt8(ascii: ":") { mark.append(rest.removeFirst()) }
        guard let sign = rest.first, "-+?".utf8.contains(sign), let tail = variables(rest.dropFirst(), depth: depth + 1)
        else { return nil }
        return Array(name) + mark + [sign] + tail
    }

    /// As `Interpolation` looks for it.
    private static func closing(_ bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        var depth = 0
        var index = start
        while index < bytes.endIndex {
            if bytes[index] == dollar, index + 1 < bytes.endIndex, bytes[index + 1] == UInt8(ascii: "{") {
                depth += 1
                index += 1
            } else if bytes[index] == UInt8(ascii: "}") {
                if depth == 0 { return index }
                depth -= 1
            }
            index += 1
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
    }

    private static let dollar = UInt8(ascii: "$")
}
