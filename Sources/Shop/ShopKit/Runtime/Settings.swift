import Foundation

/// What a service reads from its environment. Values are looked up once at start; a value that cannot be
/// read is an error that names the variable, never a silent default.
package struct Settings: Sendable {
    private let environment: [String: String]

    package init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    /// The variable's value; an empty value counts as unset, as it does for the OpenTelemetry variables.
    package func string(_ key: String) -> String? {
        environment[key].flatMap { $0.isEmpty ? nil : $0 }
    }

    package func string(_ key: String, default fallback: String) -> String {
        string(key) ?? fallback
    }

    package func int(
        _ key: String,
        default fallback: Int,
        in range: ClosedRange<Int> = 0...Int.max
    ) throws(SettingsError) -> Int {
        guard let text = string(key) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw SettingsError(
                key: key,
                value: text,
                expected: "a whole number in \(range.lowerBound)...\(range.upperBound)"
            )
        }
        return value
    }

    package func double(_ key: String, default fallback: Double) throws(SettingsError) -> Double {
        guard let text = string(key) else { return fallback }
        guard let value = Double(text), value.isFinite, value >= 0 else {
            throw SettingsError(key: key, value: text, expected: "a number of zero or more")
        }
        return value
    }

    /// A TCP port: `PORT_<NAME>` for a named port, else `PORT`, else the default.
    package func port(_ name: String? = nil, default fallback: Int) throws(SettingsError) -> Int {
        let named = name.map { "PORT_" + $0.uppercased() }
        if let named, string(named) != nil { return try int(named, default: fallback, in: 0...65535) }
        return try int("PORT", default: fallback, in: 0...65535)
    }

    /// `host:port` of a URL such as `http://127.0.0.1:8500` or `stomp://127.0.0.1:61613`.
    package func endpoint(_ key: String, default fallback: String? = nil) throws(SettingsError) -> Endpoint? {
        guard let text = string(key) ?? fallback else { return nil }
        guard let endpoint = Endpoint(url: text) else {
            throw SettingsError(key: key, value: text, expected: "a URL with a host and a port")
        }
        return endpoint
    }
}

package struct SettingsError: Error, Equatable, CustomStringConvertible {
    package let key: String
    package let value: String
    package let expected: String

    package var description: String { "\(key)=\(value): expected \(expected)" }
}
