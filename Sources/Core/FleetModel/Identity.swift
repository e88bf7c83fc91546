/// Name of a service as the manifest spells it: a letter or digit, then letters, digits, `-`, `_`, `.`; at most 63 bytes.
package struct ServiceName: Hashable, Sendable, Codable, Comparable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package init(_ rawValue: String) { self.rawValue = rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var description: String { rawValue }
}

/// One running copy of a service: `users` when there is one replica, `users-2` for the second of several.
/// It names the row in the table, the log source and the `instance` of metrics.
package struct ServiceID: Hashable, Sendable, Codable, Comparable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package init(_ rawValue: String) { self.rawValue = rawValue }

    /// `replica` is 1-based; `count` is how many replicas the manifest asks for. A single one carries no number.
    package init(_ name: ServiceName, replica: Int, of count: Int) {
        rawValue = count <= 1 ? name.rawValue : "\(name.rawValue)-\(replica)"
    }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var description: String { rawValue }
}

/// One life of a service, from spawn to exit. Process identifiers get reused; these do not.
package struct Incarnation: Hashable, Sendable, Codable, Comparable {
    package let ordinal: Int

    package init(_ ordinal: Int) { self.ordinal = ordinal }

    package static let none = Incarnation(0)

    package var next: Incarnation { Incarnation(ordinal + 1) }

    package static func < (left: Self, right: Self) -> Bool { left.ordinal < right.ordinal }
}

/// A process identifier of the operating system; always greater than zero.
package struct ProcessID: Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: Int32

    package init(_ rawValue: Int32) { self.rawValue = rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Int32.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package var description: String { String(rawValue) }
}
