import ArgumentParser
import FleetAPI

struct EnvCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Print the environment that a service gets when it is started now.",
        discussion: "Lines for a shell: set -a; . <(fleet env users --show-secrets); set +a"
    )

    @Argument(help: "A service or instance name.", completion: .services) var service: String
    @Flag(help: "Also where each value comes from, and what it hides.") var explain = false
    @Flag(help: "Print values that look like secrets instead of masking them.") var showSecrets = false
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    static let mask = "********"

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        let answer = try await asked { () throws(EngineError) in try await client.environment(service) }
        if output.json {
            Terminal.say(json(answer).text)
        } else if explain {
            Terminal.say(table(answer))
        } else {
            for variable in answer.variables { Terminal.say(line(variable)) }
        }
        let masked = showSecrets ? 0 : answer.variables.filter { $0.isSecret && $0.value != nil }.count
        if masked > 0 {
            Terminal.complain(
                "\(masked) \(masked == 1 ? "value looks" : "values look") like a secret; see --show-secrets"
            )
        }
    }

    private func shown(_ variable: EnvironmentAnswer.Variable) -> String? {
        variable.value.map { variable.isSecret && !showSecrets && !$0.isEmpty ? Self.mask : $0 }
    }

    /// What a shell takes for an assignment; anything else stays a remark.
    private func line(_ variable: EnvironmentAnswer.Variable) -> String {
        guard let value = shown(variable) else { return "unset \(variable.name)" }
        guard ShellWord.isName(variable.name) else { return "# \(variable.name) is no name for a shell" }
        return "\(variable.name)=\(ShellWord.quoted(value))"
    }

    /// A PATH would push the column that was asked for off the screen; the whole value is in the plain form.
    private static func short(_ value: String) -> String {
        let quoted = ShellWord.quoted(value)
        return quoted.count > 48 ? quoted.prefix(47) + "…" : quoted
    }

    private func table(_ answer: EnvironmentAnswer) -> String {
        var table = TextTable([("NAME", .left), ("VALUE", .left), ("FROM", .left), ("HIDES", .left)])
        for variable in answer.variables {
            table.add([
                variable.name,
                shown(variable).map(Self.short) ?? "(unset)",
                variable.layer,
                variable.hidden.joined(separator: ", "),
            ])
        }
        return table.text
    }

    private func json(_ answer: EnvironmentAnswer) -> JSON {
        .object([
            ("service", .string(answer.service)),
            ("working_directory", .string(answer.workingDirectory)),
            (
                "variables",
                .array(
                    answer.variables.map {
                        .object([
                            ("name", .string($0.name)), ("value", .optional(shown($0))), ("from", .string($0.layer)),
                            ("hides", .array($0.hidden.map(JSON.string))), ("secret", .bool($0.isSecret)),
                        ])
                    }
                )
            ),
        ])
    }
}

/// Words of a POSIX shell.
enum ShellWord {
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.unicodeScalars.allSatisfy { $0.isASCII && ($0 == "_" || $0.properties.isAlphanumeric) }
    }

    /// As it is when no shell would touch it, else in single quotes.
    static func quoted(_ text: String) -> String {
        let plain = text.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphanumeric || "_-./:,@%+=".unicodeScalars.contains($0))
        }
        if plain { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isAlphanumeric: Bool { isAlphabetic || numericType == .decimal }
}
