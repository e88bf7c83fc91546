/// Finds one piece of text in bytes, with or without regard to ASCII case.
package struct ByteSearch: Hashable, Sendable {
    package let needle: [UInt8]
    package let ignoresCase: Bool
    /// Where in the needle its least common byte stands: what is hunted for.
    private let rarest: Int

    /// The needle is not empty.
    init(_ needle: [UInt8], ignoresCase: Bool) {
        let folded = ignoresCase ? needle.map(\.lowered) : needle
        self.needle = folded
        self.ignoresCase = ignoresCase
        rarest = folded.indices.min { Self.frequency(folded[$0]) < Self.frequency(folded[$1]) } ?? 0
    }

    /// A text without upper-case letters ignores case.
    package init(smartCase text: String) {
        self.init(Array(text.utf8), ignoresCase: !text.unicodeScalars.contains { $0.properties.isUppercase })
    }

    func isFound(in line: Bytes) -> Bool {
        guard !needle.isEmpty else { return true }
        guard needle.count <= line.count else { return false }
        let hunted = needle[rarest]
        let foldsHunted = ignoresCase && hunted.isLetter
        let last = line.count - (needle.count - rarest)
        var from = rarest
        while true {
            let hit = foldsHunted ? line.index(ofLetter: hunted, from: from) : line.index(of: hunted, from: from)
            guard let hit, hit <= last else { return false }
            if isHere(line, at: hit - rarest) { return true }
            from = hit + 1
        }
    }

    private func isHere(_ line: Bytes, at start: Int) -> Bool {
        needle.withUnsafeBufferPointer { needle in
            for offset in 0..<needle.count {
                let byte = line[start &+ offset]
                guard (ignoresCase ? byte.lowered : byte) == needle[offset] else { return false }
            }
            return true
        }
    }

    /// Roughly how common a byte is in logs.
    private static func frequency(_ byte: UInt8) -> Int {
        switch byte.lowered {
        case UInt8(ascii: " "), UInt8(ascii: "e"), UInt8(ascii: "t"), UInt8(ascii: "\""): 100
        case UInt8(ascii: "a"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "n"), UInt8(ascii: "r"),
            UInt8(ascii: "s"), UInt8(ascii: "0")...UInt8(ascii: "2"):
            70
        case UInt8(ascii: "d"), UInt8(ascii: "l"), UInt8(ascii: "c"), UInt8(ascii: "p"), UInt8(ascii: "m"),
            UInt8(ascii: "u"), UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "3")...UInt8(ascii: "9"):
            45
        case UInt8(ascii: "j"), UInt8(ascii: "q"), UInt8(ascii: "x"), UInt8(ascii: "z"), UInt8(ascii: "k"): 5
        default: 20
        }
    }
}
