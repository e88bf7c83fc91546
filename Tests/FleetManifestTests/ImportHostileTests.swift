import FleetModel
import Testing

@testable import FleetManifest

struct ImportHostileTests {
    @Test(
        .timeLimit(.minutes(10)),
        arguments: [
            ("compose.yaml", ImportComposeTests.shop), ("process-compose.yaml", ImportProcessComposeTests.shop),
            ("Procfile", "web: serve $PORT\nworker: work ${X} 'a'\n"),
        ]
    )
    func `whatever is in a file, the result is a manifest or an error`(name: String, text: String) {
        var noise = Chance(state: 7)
        let original = Array(text.utf8)
        for _ in 0..<400 {
            let bytes = mutated(original, &noise)
            let outcome = ManifestImport.convert(bytes, fileName: name)
            #expect(outcome.manifest.isEmpty == !outcome.errors.isEmpty)
            guard outcome.errors.isEmpty else { continue }
            let loaded = load(outcome.manifest)
            // What only shows when all of it is seen together is as wrong there as here.
            let excused: Set<ManifestError.Code> = [.cycle, .duplicate, .interpolation]
            let unexpected = loaded.errors.filter { !excused.contains($0.code) }
            #expect(unexpected == [], "\(String(decoding: bytes, as: UTF8.self))\n---\n\(outcome.manifest)")
        }
    }

    private static let tokens = [
        "${", "}", "$", "\"", "'", ":", "- ", "[", "]", "{", "}", ",", "\n", "  ", "null", "true", "-1",
        "99999999999999999999",
        "0", "services", "&a ", "*a", "<<: *a", "é", "\u{0}", "\t", "x-y: ", "command: ", "|\n", "#", "!t ", "s", "%",
    ]

    private func mutated(_ bytes: [UInt8], _ noise: inout Chance) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int(noise.next() % 3) {
            let at = Int(noise.next() % UInt64(max(1, bytes.count)))
            switch noise.next() % 5 {
            case 0: bytes.removeSubrange(at..<min(bytes.count, at + Int(noise.next() % 8)))
            case 1: bytes.insert(UInt8(truncatingIfNeeded: noise.next()), at: min(at, bytes.count))
            case 2:
                let token = Self.tokens[Int(noise.next() % UInt64(Self.tokens.count))]
                bytes.insert(contentsOf: Array(token.utf8), at: min(at, bytes.count))
            case 3:
                let end = bytes[min(at, bytes.count)...].firstIndex(of: 10) ?? bytes.count
                bytes.removeSubrange(min(at, end)..<end)
            default:
                let other = Int(noise.next() % UInt64(max(1, bytes.count)))
                let piece = Array(bytes[other..<min(bytes.count, other + Int(noise.next() % 40))])
                bytes.insert(contentsOf: piece, at: min(at, bytes.count))
            }
        }
        return bytes
    }

    @Test(.timeLimit(.minutes(10)))
    func `aliases cannot make a manifest larger than any file`() {
        let long = String(repeating: "x", count: 100_000)
        let many = (0..<2000).map { "  s\($0): {command: *c}" }.joined(separator: "\n")
        let outcome = ManifestImport.convert(
            Array("x-c: &c [a, \(long)]\nservices:\n\(many)\n".utf8),
            fileName: "compose.yml"
        )
        #expect(
            outcome.errors.map(\.description) == [
                "compose.yml: would become a manifest of more than 4 MiB when its aliases are followed"
            ]
        )
    }

    @Test(.timeLimit(.minutes(10)))
    func `many services that extend a large one end with an error`() {
        let keys = (0..<2000).map { "x-\($0): 1" }.joined(separator: ", ")
        let many = (0..<5000).map { "  s\($0): {extends: base}" }.joined(separator: "\n")
        let text = "services:\n  base: {command: a, \(keys)}\n\(many)\n"
        let outcome = ManifestImport.convert(Array(text.utf8), fileName: "compose.yml")
        #expect(outcome.errors.count == 1)
        #expect(outcome.manifest == "")
    }

    @Test(.timeLimit(.minutes(10)))
    func `notes are bounded and the rest is counted`() {
        let keys = (0..<3000).map { "k\($0): 1" }.joined(separator: ", ")
        let outcome = ManifestImport.convert(
            Array("services: {a: {command: a, \(keys)}}".utf8),
            fileName: "compose.yml"
        )
        #expect(outcome.omissions.count == ImportLog.limit + 1)
        #expect(outcome.notes.last == "compose.yml: … and 2000 more omissions")
    }

    @Test func `names that fleet has not are made to fit and stay different`() {
        let text =
            "processes:\n  _a: {command: x}\n  a: {command: y, depends_on: {_a: {}}}\n  ..: {command: z}\n  'b c/d': {command: w}\n"
        let (outcome, loaded) = imported(text, as: "process-compose.yaml")
        #expect(loaded.errors == [])
        #expect(loaded.fleet?.services.map(\.name.rawValue) == ["a", "a-2", "service", "b-c-d"])
        #expect(loaded["a-2"]?.dependencies.map(\.service.rawValue) == ["a"])
        #expect(outcome.notes.count == 4)
    }

    @Test func `a file's name cannot break out of its comment`() {
        let outcome = ManifestImport.convert(Array("a: b\n".utf8), fileName: "/x/a\nservices: {}\n.procfile")
        #expect(outcome.manifest.hasPrefix("# Converted from aservices: {}.procfile by"))
    }
}

/// SplitMix64.
private struct Chance {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
