/// What the services of another file are called in the manifest, whose names have a narrower grammar.
struct ServiceNames {
    private var byOriginal: [String: String] = [:]
    private var taken: Set<String> = []

    /// Bytes of a name.
    private static let limit = 63

    /// - Returns: the name; another one than the original when that is no name of fleet or would be given twice.
    mutating func add(_ original: String) -> String {
        var name = Self.fitting(original)
        var number = 2
        while !taken.insert(name).inserted {
            let suffix = "-\(number)"
            name = Self.fitting(original).prefix(Self.limit - suffix.utf8.count) + suffix
            number += 1
        }
        if byOriginal[original] == nil { byOriginal[original] = name }
        return name
    }

    /// nil for a service that is not carried over.
    subscript(original: String) -> String? { byOriginal[original] }

    private static func fitting(_ original: String) -> String {
        // Whatever begins with x- is the user's own in a manifest, and no service.
        if original.hasPrefix("x-") { return fitting("x_" + original.dropFirst(2)) }
        if FleetReader.isName(original) { return original }
        let bytes = original.utf8.prefix(256).map { byte -> UInt8 in
            let isKept = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            return isKept || [45, 46, 95].contains(byte) ? byte : 45
        }
        let name = String(decoding: bytes.drop { [45, 46, 95].contains($0) }.prefix(limit), as: UTF8.self)
        return name.isEmpty ? "service" : name
    }
}
