/// Writes the JSON text that stands for an array or a map in an attribute. It stops growing at the limit for attribute text.
struct CompositeText {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func open(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = false
    }

    mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    mutating func colon() { bytes.append(UInt8(ascii: ":")) }

    struct Mark {
        fileprivate var count: Int
        fileprivate var needsComma: Bool
    }

    var mark: Mark { Mark(count: bytes.count, needsComma: needsComma) }

    /// Takes back what was written since.
    mutating func rewind(to mark: Mark) {
        bytes.removeLast(max(0, bytes.count - mark.count))
        needsComma = mark.needsComma
    }

    mutating func raw(_ text: String) {
        guard hasRoom else { return }
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    mutating func string(_ text: UnsafeRawBufferPointer) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text where hasRoom {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            if byte < 0x20 {
                bytes.append(contentsOf: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            } else {
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    mutating func string(hexadecimal data: UnsafeRawBufferPointer) {
        var digits: [UInt8] = []
        for byte in data.prefix(DecodeLimits.textLength / 2) { digits.append(contentsOf: HexText.digits(byte)) }
        digits.withUnsafeBytes { string($0) }
    }

    private var hasRoom: Bool { bytes.count < DecodeLimits.textLength }
}

enum HexText {
    static func digits(_ byte: UInt8) -> [UInt8] { [digit(byte >> 4), digit(byte & 15)] }

    static func text(_ data: some Sequence<UInt8>) -> String {
        String(decoding: data.flatMap { digits($0) }, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
