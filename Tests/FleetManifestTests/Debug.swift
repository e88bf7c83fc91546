import Testing
@testable import FleetManifest
@Test func debugTimes() {
 for text in [(0..<300_000).map { "k\($0): 1" }.joined(separator: "\n"),
        "services:\n" + (0..<100_000).map { "  s\($0): {commnd: x}" }.joined(separator: "\n"),
        String(repeating: "- a\n", count: 1_000_000),
        "a: [" + String(repeating: "1,", count: 2_000_000) + "]",
        "a: \"" + String(repeating: "x\\n", count: 1_000_000) + "\"",
        String(repeating: "#\n", count: 2_000_000),
        String(repeating: "a: &a {b: 1}\n", count: 100_000),
        "x: &x \"" + String(repeating: "$$", count: 1_000_000) + "\"\nservices: {a: {command: ["
            + String(repeating: "*x,", count: 100_000) + "]}}",
        "services: {" + (0..<2000).map { "s\($0): {command: x, replicas: 1000, ports: [1]}" }.joined(separator: ", ") + "}"] {
  let c = ContinuousClock(); var e: [String] = []
  let t = c.measure { e = errors(text) }
  print("TIME", t, e.count, e.first ?? "")
 }
}
