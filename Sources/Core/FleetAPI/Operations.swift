package import FleetModel

/// Another number of replicas, until the manifest says otherwise.
package struct ScaleRequest: Hashable, Sendable, Codable {
    package static let limit = 256

    package var service: String
    /// 0…`limit`.
    package var replicas: Int
    package var wait: Bool
    package var timeout: Duration?

    package init(service: String, replicas: Int, wait: Bool = false, timeout: Duration? = nil) {
        self.service = service
        self.replicas = replicas
        self.wait = wait
        self.timeout = timeout
    }
}

package struct ReloadRequest: Hashable, Sendable, Codable {
    /// Only show what would happen.
    package var planOnly: Bool

    package init(planOnly: Bool = false) { self.planOnly = planOnly }
}

package struct ReloadAnswer: Hashable, Sendable, Codable {
    package struct Step: Hashable, Sendable, Codable {
        package enum Kind: String, Hashable, Sendable, Codable { case live, restart, add, remove, scale }

        package var service: String
        package var kind: Kind
        /// Names of the fields that differ, or `1 -> 3` for scale.
        package var fields: [String]

        package init(service: String, kind: Kind, fields: [String]) {
            self.service = service
            self.kind = kind
            self.fields = fields
        }

        /// `restart users: command, environment`.
        package var text: String {
            "\(kind.rawValue) \(service)" + (fields.isEmpty ? "" : ": \(fields.joined(separator: ", "))")
        }
    }

    package var steps: [Step]
    /// Of an invalid manifest; then nothing was or would be touched.
    package var errors: [String]
    package var isApplied: Bool

    package init(steps: [Step] = [], errors: [String] = [], isApplied: Bool = false) {
        self.steps = steps
        self.errors = errors
        self.isApplied = isApplied
    }
}

/// What a process of the service gets when it is started now.
package struct EnvironmentAnswer: Hashable, Sendable, Codable {
    package struct Variable: Hashable, Sendable, Codable {
        package var name: String
        /// `nil` = the manifest unsets it.
        package var value: String?
        /// `inherited`, the path of a file, `manifest`, `service`, `fleet`.
        package var layer: String
        /// Layers whose value it hides, lowest first.
        package var hidden: [String]
        /// The name or the value looks like a secret: not to be shown without being asked for.
        package var isSecret: Bool

        package init(name: String, value: String?, layer: String, hidden: [String], isSecret: Bool) {
            self.name = name
            self.value = value
            self.layer = layer
            self.hidden = hidden
            self.isSecret = isSecret
        }
    }

    package var service: String
    package var workingDirectory: String
    /// By name.
    package var variables: [Variable]

    package init(service: String, workingDirectory: String, variables: [Variable]) {
        self.service = service
        self.workingDirectory = workingDirectory
        self.variables = variables
    }
}

/// What to do about a port that somebody else has.
package struct PortAction: Hashable, Sendable, Codable {
    package enum Verb: String, Hashable, Sendable, Codable, CaseIterable {
        /// End whoever listens there.
        case endOwner
        /// Take the next free one instead; the services that name the port are restarted.
        case move
        case retry
    }

    package var verb: Verb
    /// Instance name.
    package var service: String
    /// The process that `endOwner` may end. `nil` = whoever listens by then.
    package var owner: ProcessID?

    package init(_ verb: Verb, service: String, owner: ProcessID? = nil) {
        self.verb = verb
        self.service = service
        self.owner = owner
    }
}

/// Bytes of a terminal, as they came.
package struct TerminalChunk: Hashable, Sendable, Codable {
    package var bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let bytes = text.base64Bytes else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not base64"))
        }
        self.bytes = bytes
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes.base64Text)
    }
}

/// Keys for a service's standard input, or a new size of its terminal.
package struct TerminalInput: Hashable, Sendable, Codable {
    package struct Size: Hashable, Sendable, Codable {
        package var columns: Int
        package var rows: Int

        package init(columns: Int, rows: Int) {
            self.columns = columns
            self.rows = rows
        }
    }

    package var service: String
    package var keys: TerminalChunk?
    package var size: Size?

    package init(service: String, keys: TerminalChunk? = nil, size: Size? = nil) {
        self.service = service
        self.keys = keys
        self.size = size
    }
}
