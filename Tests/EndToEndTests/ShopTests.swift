import Foundation
import Testing

/// The whole program as its user meets it: the example fleet, in a real terminal.
@Suite(.serialized) struct ShopTests {
    @Test(.enabled(if: TerminalSession.isAvailable, "tmux is not installed"), .timeLimit(.minutes(4)))
    func `start, watch, kill, restart by key, trace and quit`() throws {
        let bench = try Workbench(try shop())
        let terminal = try TerminalSession(bench, Workbench.fleet)
        try terminal.wait(for: "9/9 ready", within: 90)

        try killAndSeeItComeBack("users", bench, terminal)
        try restartByKey("orders", bench, terminal)
        try seeATraceAcrossTheBus(bench)

        try terminal.type("q")
        try terminal.wait(for: "stop all")
        try terminal.type("k")
        try terminal.waitForEnd()
        #expect(try terminal.fact("#{alternate_on}") == "0")
        try bench.wait("nothing is left", within: 30) { bench.processes().isEmpty }
    }

    private func killAndSeeItComeBack(_ name: String, _ bench: Workbench, _ terminal: TerminalSession) throws {
        let pid = try #require(try bench.services()[name]?["pid"] as? Int)
        kill(pid_t(pid), SIGKILL)
        try bench.wait("\(name) comes back") {
            let service = try bench.services()[name]
            let now = service?["pid"] as? Int
            return now != nil && now != pid && service?["state"] as? String == "ready"
        }
        try terminal.wait(forLine: "the table shows one restart of \(name)") { line in
            line.contains(" \(name) ") && line.contains("ready") && line.contains(" 1 ")
        }
        #expect(try bench.run(["events", name]).output.contains("exit 137 (SIGKILL)"))
    }

    private func restartByKey(_ name: String, _ bench: Workbench, _ terminal: TerminalSession) throws {
        let before = try #require(try bench.services()[name]?["pid"] as? Int)
        try terminal.type("g", "g")
        try bench.wait("the selection reaches \(name)") {
            if try terminal.screen().split(separator: "\n").contains(where: { $0.hasPrefix(">") && $0.contains(" \(name) ") }) {
                return true
            }
            try terminal.type("j")
            return false
        }
        try terminal.type("r")
        try bench.wait("\(name) runs as another process") {
            let service = try bench.services()[name]
            let now = service?["pid"] as? Int
            return now != nil && now != before && service?["state"] as? String == "ready"
        }
    }

    private func seeATraceAcrossTheBus(_ bench: Workbench) throws {
        try bench.wait("a trace crosses gateway, orders, products, payments and notifications", within: 60) {
            let outcome = try bench.run(["traces", "--json", "-n", "50"])
            let traces = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]] ?? []
            return traces.contains { trace in
                let services = Set(trace["services"] as? [String] ?? [])
                return services.isSuperset(of: ["gateway", "orders", "products", "payments", "notifications"])
            }
        }
    }

    /// The example manifest on other ports, so that it does not meet a shop that already runs.
    private func shop() throws -> String {
        let text = try String(contentsOf: Workbench.packageRoot.appendingPathComponent("fleet.yaml"), encoding: .utf8)
        let moved = text.replacing(/(port: |stomp: )(\d{4,5})/) { match in
            "\(match.1)\((Int(match.2) ?? 0) % 20_000 + 30_000)"
        }
        #expect(moved != text)
        return moved
    }
}
