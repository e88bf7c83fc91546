import FleetModel

/// Blots out secrets in what people see: the values of secret-looking variables of the manifest wherever they appear, and
/// whatever has the shape of a secret.
struct SecretMask: Sendable {
    static let blot = "••••••"

    /// Shorter ones would blot out innocent words.
    private static let shortestValue = 4
    private static let mostValues = 512
    private static let blotBytes = Array(blot.utf8)

    /// Longest first, so that a value that contains another one is hidden whole.
    private let values: [[UInt8]]
    private let firstBytes: Set<UInt8>

    init(_ fleet: Fleet) {
        var values: Set<String> = []
        for service in fleet.services {
            for variable in service.environment.variables {
                guard let value = variable.value, value.utf8.count >= Self.shortestValue else { continue }
                if SecretPatterns.isSecret(name: variable.name, value: value) {
                    values.formUnion(Self.hidden(in: value, of: variable.name))
                }
            }
        }
        self.values = values.map { Array($0.utf8) }.sorted { ($0.count, $1.first ?? 0) > ($1.count, $0.first ?? 0) }
            .prefix(Self.mostValues).map(\.self)
        firstBytes = Set(self.values.compactMap(\.first))
    }

    /// Of a URL only the password, otherwise the whole value.
    private static func hidden(in value: String, of name: String) -> [String] {
        guard !SecretPatterns.isSecret(name: name) else { return [value] }
        let bytes = Array(value.utf8)
        return SecretText.secrets(in: bytes).filter { $0.count >= shortestValue }
            .map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    func masked(_ text: String) -> String {
        guard !text.isEmpty else { return text }
        let bytes = Array(text.utf8)
        let ranges = merged(known(in: bytes) + SecretText.secrets(in: bytes))
        guard !ranges.isEmpty else { return text }
        var result: [UInt8] = []
        var position = 0
        for range in ranges {
            result += bytes[position..<range.lowerBound]
            result += Self.blotBytes
            position = range.upperBound
        }
        result += bytes[position...]
        return String(decoding: result, as: UTF8.self)
    }

    private func known(in text: [UInt8]) -> [Range<Int>] {
        guard !values.isEmpty else { return [] }
        var found: [Range<Int>] = []
        var index = 0
        while index < text.count {
            if firstBytes.contains(text[index]),
                let value = values.first(where: { text[index...].starts(with: $0) })
            {
                found.append(index..<(index + value.count))
                index += value.count
            } else {
                index += 1
            }
        }
        return found
    }

    private func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
