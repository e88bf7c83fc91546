import ArgumentParser
import FleetProcesses

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine offers: terminal, limits, ports, disk, containers.",
        discussion: "The status is 1 when something will not work."
    )

    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        // Without a manifest the question is where one in this folder would keep things.
        let path = (try? manifest.path()) ?? ManifestPath.inThisFolder
        let facts = MachineFacts.gather(stateDirectory: FleetDirectories(manifestPath: path).stateDirectory)
        Terminal.say(output.json ? Self.json(facts).text : Self.table(facts))
        if facts.contains(where: { $0.verdict == .fail }) { throw Failure.silent(1) }
    }

    private static func table(_ facts: [MachineFact]) -> String {
        var table = TextTable([("", .left), ("TOPIC", .left), ("FOUND", .left)])
        for fact in facts { table.add([mark(fact.verdict), fact.topic, fact.value]) }
        let advice = facts.filter { !$0.advice.isEmpty }.map { "\(mark($0.verdict)) \($0.topic): \($0.advice)" }
        return ([table.text] + (advice.isEmpty ? [] : [""] + advice)).joined(separator: "\n")
    }

    private static func mark(_ verdict: MachineFact.Verdict) -> String {
        switch verdict {
        case .ok: "ok"
        case .warn: "!"
        case .fail: "x"
        }
    }

    private static func json(_ facts: [MachineFact]) -> JSON {
        .array(
            facts.map {
                .object([
                    ("topic", .string($0.topic)), ("value", .string($0.value)),
                    ("verdict", .string($0.verdict.rawValue)), ("advice", .string($0.advice)),
                ])
            }
        )
    }
}
