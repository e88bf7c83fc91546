/// Words that occur again and again — names of attributes, services, spans, common values — stored once and named by number.
/// It stops taking new words at its limit, which is counted; what is not here is stored where it is used.
struct SymbolTable: Sendable {
    /// Bytes of all words together, at most.
    static let mostBytes = 4 * 1024 * 1024
    static let mostWords = 65_535
    static let longestWord = 128

    private(set) var words: [String] = []
    private(set) var refusedWords = 0
    private(set) var byteCount = 0
    /// Open addressing; 0 is free, else the number of a word plus one.
    private var slots = [UInt32](repeating: 0, count: 1024)
    private var hashes: [UInt32] = []
    /// Hashes of values seen once. Only what is seen again becomes a word, so that ids and timestamps do not.
    private var seen = [UInt32](repeating: 0, count: 1 << 14)

    init() {}

    /// The number of a word that deserves one, such as a name.
    mutating func intern(_ bytes: UnsafeRawBufferPointer) -> UInt32? {
        guard bytes.count <= Self.longestWord else { return nil }
        let hash = Self.hash(bytes)
        return find(bytes, hash) ?? add(bytes, hash)
    }

    /// The number of a value if it was seen before.
    mutating func internIfRepeated(_ bytes: UnsafeRawBufferPointer) -> UInt32? {
        guard bytes.count <= 64 else { return nil }
        let hash = Self.hash(bytes)
        if let known = find(bytes, hash) { return known }
        let place = Int(hash) & (seen.count - 1)
        guard seen[place] == hash else {
            seen[place] = hash
            return nil
        }
        return add(bytes, hash)
    }

    /// The number of a word that is already here.
    func number(of text: String) -> UInt32? {
        var copy = text
        return copy.withUTF8 { find(UnsafeRawBufferPointer($0), Self.hash(UnsafeRawBufferPointer($0))) }
    }

    subscript(number: UInt32) -> String { Int(number) < words.count ? words[Int(number)] : "" }

    var footprint: Int { byteCount + words.count * 24 + slots.count * 4 + seen.count * 4 }

    private func find(_ bytes: UnsafeRawBufferPointer, _ hash: UInt32) -> UInt32? {
        var place = Int(hash) & (slots.count - 1)
        while slots[place] != 0 {
            let number = slots[place] - 1
            if hashes[Int(number)] == hash, Self.isSame(words[Int(number)], bytes) { return number }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer, _ hash: UInt32) -> UInt32? {
        guard words.count < Self.mostWords, byteCount + bytes.count <= Self.mostBytes else {
            refusedWords += 1
            return nil
        }
        let word = String(decoding: bytes, as: UTF8.self)
        // Repaired text would not be found again under its bytes.
        guard word.utf8.count == bytes.count else { return nil }
        words.append(word)
        hashes.append(hash)
        byteCount += bytes.count
        if words.count * 4 > slots.count * 3 { grow() } else { place(UInt32(words.count), hash) }
        return UInt32(words.count - 1)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (index, hash) in hashes.enumerated() { place(UInt32(index + 1), hash) }
    }

    private mutating func place(_ entry: UInt32, _ hash: UInt32) {
        var place = Int(hash) & (slots.count - 1)
        while slots[place] != 0 { place = (place + 1) & (slots.count - 1) }
        slots[place] = entry
    }

    private static func isSame(_ word: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let utf8 = word.utf8
        guard utf8.count == bytes.count else { return false }
        return utf8.withContiguousStorageIfAvailable { stored in
            for index in 0..<bytes.count where stored[index] != bytes[index] { return false }
            return true
        } ?? utf8.elementsEqual(bytes)
    }

    /// FNV-1a over words of eight bytes, mixed at the end.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(bytes.count)
        var index = 0
        while index &+ 8 <= bytes.count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x0000_0100_0000_01B3
            hash ^= hash >> 29
            index &+= 8
        }
        while index < bytes.count {
            hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3
            index &+= 1
        }
        hash ^= hash >> 32
        hash = hash &* 0x9E37_79B9_7F4A_7C15
        return UInt32(truncatingIfNeeded: hash >> 32)
    }
}
