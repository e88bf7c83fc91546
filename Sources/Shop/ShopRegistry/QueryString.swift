import Foundation

/// The parameters of a query, with Consul's flags: `?passing&index=3`.
struct QueryString: Sendable {
    private let pairs: [(name: String, value: String)]

    init(_ text: String) {
        pairs = text.split(separator: "&").prefix(64).map { pair in
            let equals = pair.firstIndex(of: "=")
            let name = pair[..<(equals ?? pair.endIndex)]
            let value = equals.map { pair[pair.index(after: $0)...] } ?? ""
            return (Self.decoded(name), Self.decoded(value))
        }
    }

    /// Whether the parameter is there, with or without a value.
    func has(_ name: String) -> Bool { pairs.contains { $0.name == name } }

    subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    private static func decoded(_ text: Substring) -> String {
        let spaced = text.replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? String(spaced)
    }
}
