/// `${…}` in parsed string values, in compose's grammar: `${X}`, `${X:-d}`, `${X-d}`, `${X:?msg}`, `${X?msg}`, `${X:+v}`,
/// `${X+v}`, `$$`, and `${service.ports.name}`. A `$` before anything else stays: it is the shell's.
struct Interpolation {
    struct Problem: Equatable {
        /// In the text, in bytes.
        var offset: Int
        var message: String
        var hint = ""
        /// Merely unset.
        var isWarning = false
    }

    /// Of the result, in bytes.
    static let sizeLimit = 1 << 20
    /// Of defaults within defaults.
    static let depthLimit = 16

    private let variable: (String) -> String?
    /// Service and name of its port; nil when there is none.
    private let port: (_ service: String, _ name: String) -> PortAnswer

    enum PortAnswer: Equatable {
        case number(Int)
        case unknownService(hint: String)
        case unknownPort(hint: String)
        /// A port's own number cannot lean on another port.
        case tooEarly
    }

    private(set) var problems: [Problem] = []

    init(variable: @escaping (String) -> String?, port: @escaping (String, String) -> PortAnswer) {
        self.variable = variable
        self.port = port
    }

    mutating func expand(_ text: String) -> String {
        guard text.utf8.contains(dollar) else { return text }
        let bytes = Array(text.utf8)
        let result = expand(bytes[...], depth: 0)
        guard result.count <= Self.sizeLimit else {
            problems.append(
                Problem(
                    offset: 0,
                    message: "is longer than \(Self.sizeLimit >> 20) MiB when its variables are replaced"
                )
            )
            return ""
        }
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func expand(_ bytes: ArraySlice<UInt8>, depth: Int) -> [UInt8] {
        var result: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex, result.count <= Self.sizeLimit {
            guard bytes[index] == dollar, index + 1 < bytes.endIndex else {
                result.append(bytes[index])
                index += 1
                continue
            }
            switch bytes[index + 1] {
            case dollar:
                result.append(dollar)
                index += 2
            case UInt8(ascii: "{"):
                guard let end = closing(bytes, from: index + 2) else {
                    problems.append(
                        Problem(offset: index, message: "\"${\" without \"}\"", hint: "write $${ for the text itself")
                    )
                    return result
                }
                result += replace(bytes[(index + 2)..<end], at: index, depth: depth)
                index = end + 1
            default:
                result.append(dollar)
                index += 1
            }
        }
        return result
    }

    /// Of the brace that closes this one; those of inner `${` are skipped.
    private func closing(_ bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
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

    private mutating func replace(_ body: ArraySlice<UInt8>, at offset: Int, depth: Int) -> [UInt8] {
        guard depth < Self.depthLimit else {
            problems.append(Problem(offset: offset, message: "defaults are nested too deeply"))
            return []
        }
        if let answer = reference(body, at: offset) { return answer }
        let name = body.prefix { Self.isNameByte($0) }
        let text = String(decoding: name, as: UTF8.self)
        let rest = body.dropFirst(name.count)
        guard let first = name.first, !(48...57).contains(first) else {
            return invalid(body, offset)
        }
        let value = variable(text)
        guard let mark = rest.first else { return value.map { Array($0.utf8) } ?? unset(text, offset) }
        let isColon = mark == UInt8(ascii: ":")
        let tail = isColon ? rest.dropFirst() : rest
        let isSet = value != nil && !(isColon && value?.isEmpty == true)
        switch tail.first {
        case UInt8(ascii: "-"): return isSet ? Array((value ?? "").utf8) : expand(tail.dropFirst(), depth: depth + 1)
        case UInt8(ascii: "+"): return isSet ? expand(tail.dropFirst(), depth: depth + 1) : []
        case UInt8(ascii: "?"):
            if isSet { return Array((value ?? "").utf8) }
            let message = String(decoding: expand(tail.dropFirst(), depth: depth + 1), as: UTF8.self)
            let reason = message.isEmpty ? "it is not set" : message
            problems.append(Problem(offset: offset, message: "variable \"\(text)\" is required: \(reason)"))
            return []
        default: return invalid(body, offset)
        }
    }

    private mutating func unset(_ name: String, _ offset: Int) -> [UInt8] {
        problems.append(
            Problem(
                offset: offset,
                message: "variable \"\(name)\" is not set",
                hint: "give it a default: ${\(name):-…}",
                isWarning: true
            )
        )
        return []
    }

    private mutating func invalid(_ body: ArraySlice<UInt8>, _ offset: Int) -> [UInt8] {
        let text = String(decoding: body.prefix(60), as: UTF8.self)
        problems.append(
            Problem(offset: offset, message: "\"${\(text)}\" is no variable", hint: "write $${ for the text itself")
        )
        return []
    }

    /// nil when this is no reference to a port.
    private mutating func reference(_ body: ArraySlice<UInt8>, at offset: Int) -> [UInt8]? {
        let text = String(decoding: body, as: UTF8.self)
        guard text.utf8.allSatisfy({ Self.isNameByte($0) || $0 == 45 || $0 == 46 }) else { return nil }
        guard let dots = Self.range(of: ".ports.", in: text) else {
            // `${X-1.5}` is a default with a dot in it.
            guard text.utf8.contains(46), !text.utf8.contains(45) else { return nil }
            problems.append(
                Problem(
                    offset: offset,
                    message: "\"${\(text)}\" is no variable",
                    hint: "ports are written ${service.ports.name}"
                )
            )
            return []
        }
        let service = String(text[..<dots.lowerBound])
        let name = String(text[dots.upperBound...])
        switch port(service, name) {
        case .number(let number): return Array(String(number).utf8)
        case .unknownService(let hint):
            if service.utf8.contains(45), hint.isEmpty { return nil }
            problems.append(Problem(offset: offset, message: "there is no service \"\(service)\"", hint: hint))
        case .unknownPort(let hint):
            problems.append(Problem(offset: offset, message: "\"\(service)\" has no port \"\(name)\"", hint: hint))
        case .tooEarly:
            problems.append(Problem(offset: offset, message: "a port cannot be taken from another port"))
        }
        return []
    }

    private static func range(of needle: String, in text: String) -> Range<String.Index>? {
        let wanted = Array(needle.utf8)
        let bytes = text.utf8
        guard var index = bytes.index(bytes.endIndex, offsetBy: -wanted.count, limitedBy: bytes.startIndex) else {
            return nil
        }
        while true {
            if bytes[index...].starts(with: wanted) { return index..<bytes.index(index, offsetBy: wanted.count) }
            guard index > bytes.startIndex else { return nil }
            index = bytes.index(before: index)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 95: true
        default: false
        }
    }

    private let dollar = UInt8(ascii: "$")
}
