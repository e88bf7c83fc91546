package import ShopKit

/// A JSON object whose keys are found whatever their case and underscores: node-consul sends `Name`, py-consul `name`,
/// others `deregister_critical_service_after`.
package struct FoldedObject: Sendable {
    private let members: [String: JSONValue]

    package init?(_ value: JSONValue?) {
        guard case .object(let object)? = value else { return nil }
        members = Dictionary(object.map { (Self.fold($0.key), $0.value) }) { first, _ in first }
    }

    package subscript(_ key: String) -> JSONValue? {
        guard let value = members[Self.fold(key)], value != .null else { return nil }
        return value
    }

    func string(_ key: String) -> String? {
        self[key]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    func int(_ key: String) -> Int? { self[key]?.intValue }

    func strings(_ key: String) -> [String] {
        (self[key]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    /// A map of strings; its own keys are left as they are.
    func map(_ key: String) -> [String: String] {
        guard case .object(let object)? = self[key] else { return [:] }
        return object.compactMapValues(\.stringValue)
    }

    /// `"10s"`, or a number of nanoseconds, which is how Go encodes a duration.
    func duration(_ key: String) throws(RegistrationError) -> Duration? {
        switch self[key] {
        case nil, .string(""): return nil
        case .int(let nanoseconds) where nanoseconds >= 0: return .nanoseconds(nanoseconds)
        case .string(let text):
            guard let duration = Duration(goText: text) else { throw .badDuration(key, text) }
            return duration
        case .some(let other): throw .badDuration(key, other.text)
        }
    }

    private static func fold(_ key: String) -> String {
        key.lowercased().filter { $0 != "_" }
    }
}

package enum RegistrationError: Error, Equatable, CustomStringConvertible {
    case notAnObject
    case missing(String)
    case badDuration(String, String)
    case badPort(Int)
    case tooMany(String)

    package var description: String {
        switch self {
        case .notAnObject: "request decode failed: a JSON object is expected"
        case .missing(let key): "missing \(key)"
        case .badDuration(let key, let text): "invalid duration for \(key): \(text)"
        case .badPort(let port): "invalid port: \(port)"
        case .tooMany(let what): "too many \(what)"
        }
    }
}

extension Duration {
    /// Go's notation: `300ms`, `10s`, `1h30m`. Nil for anything else, and for more than a year.
    package init?(goText text: String) {
        var rest = text[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let scale = Self.scales[String(unit)] else { return nil }
            total += value * scale
        }
        guard total <= 366 * 86_400 else { return nil }
        self = .nanoseconds(Int64(total * 1e9))
    }

    private static var scales: [String: Double] {
        ["ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600]
    }
}
