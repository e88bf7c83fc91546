/// Quoted strings in the syntax of Go, which PromQL shares.
enum StringLiteral {
    /// The bytes between the quotes of a `"…"` or `'…'` literal, escapes resolved. The bytes need not be UTF-8.
    static func unescape(_ body: ArraySlice<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(body.count)
        var rest = body
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard let escape = rest.popFirst() else { return nil }
            switch escape {
            case UInt8(ascii: "a"): result.append(0x07)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "v"): result.append(0x0B)
            case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): result.append(escape)
            case UInt8(ascii: "x"):
                guard let value = number(&rest, digits: 2, radix: 16), value <= 0xFF else { return nil }
                result.append(UInt8(value))
            case UInt8(ascii: "u"), UInt8(ascii: "U"):
                guard let value = number(&rest, digits: escape == UInt8(ascii: "u") ? 4 : 8, radix: 16),
                    let scalar = Unicode.Scalar(value)
                else { return nil }
                result += Array(String(Character(scalar)).utf8)
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                rest = body[(rest.startIndex - 1)..<rest.endIndex]
                guard let value = number(&rest, digits: 3, radix: 8), value <= 0xFF else { return nil }
                result.append(UInt8(value))
            default:
                return nil
            }
        }
        return result
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, digits: Int, radix: Int) -> UInt32? {
        guard rest.count >= digits else { return nil }
        let value = UInt32(String(decoding: rest.prefix(digits), as: UTF8.self), radix: radix)
        rest = rest.dropFirst(digits)
        return value
    }

    /// Bytes in double quotes; those that are no UTF-8 as `\x…`.
    static func quoted(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return quoted(text) }
        var result = "\""
        for byte in bytes {
            result +=
                byte < 0x80
                ? String(quoted(String(Unicode.Scalar(byte))).dropFirst().dropLast()) : "\\x" + String(byte, radix: 16)
        }
        return result + "\""
    }

    /// `text` in double quotes, with what needs it escaped.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
