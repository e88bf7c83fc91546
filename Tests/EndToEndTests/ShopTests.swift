import Foundation
import Testing

/// The whole program as its user meets it: the example fleet, in a real terminal.
@Suite(.fewAtATime) struct ShopTests {
    private static let names: Set = [
        "registry", "bus", "users", "products", "payments", "orders", "notifications", "gateway", "shopper",
    ]

    @Test(.enabled(if: TerminalSession.isAvailable, "tmux is not installed"))
    func `the shop: start, kill, restart by key, trace across the bus, stop`() async throws {
        try await Workbench.use(try Self.shop()) { bench in
            let terminal = try bench.terminal("fleet")
            try await terminal.wait(for: "9/9 ready")
            #expect(try terminal.fact("#{alternate_on}") == "1")
            let services = try await bench.services()
            #expect(Set(services.keys) == Self.names)
            #expect(services.values.allSatisfy { $0["state"] as? String == "ready" })

            try await killAndSeeItComeBack("users", bench, terminal)
            try await restartByKey("orders", bench, terminal)
            try await seeATraceAcrossTheBus(bench)
            try await seeRates(bench)

            try terminal.type("q")
            try await terminal.wait(for: "stop all")
            try terminal.type("k")
            try await terminal.expectEnd()
            try await bench.expectNothingLeft()
        }
    }

    private func killAndSeeItComeBack(_ name: String, _ bench: Workbench, _ terminal: TerminalSession) async throws {
        let pid = try #require(try await bench.pid(of: name))
        kill(pid, SIGKILL)
        // Back-off lasts half a second, which a busy machine may look away for; the count of restarts stays.
        try await terminal.wait(forLine: "\(name) is shown as restarting, or as restarted") { line in
            line.contains(" \(name) ")
                && (line.contains("backoff") || line.contains("starting") || line.contains(" 1 "))
        }
        try await bench.wait("\(name) comes back") {
            let service = try await bench.services()[name]
            let now = service?["pid"] as? Int
            return now != nil && now != Int(pid) && service?["state"] as? String == "ready"
        }
        try await terminal.wait(forLine: "the table shows one restart of \(name)") { line in
            line.contains(" \(name) ") && line.contains("ready") && line.contains(" 1 ")
        }
        #expect(try await bench.run("events", name).output.contains("exit 137 (SIGKILL)"))
        try terminal.type("6")
        try await terminal.wait(for: "exit 137 (SIGKILL)")
        try await select(name, bench, terminal)
        try terminal.type("l")
        try await terminal.wait(for: "[2 Logs]")
        // Its own lines would carry it off the screen before a loaded machine looks.
        try terminal.type("&", "/exit 137/", "Enter")
        try await terminal.wait(for: "\(name) exit 137 (SIGKILL)")
        try terminal.type("1")
    }

    private func restartByKey(_ name: String, _ bench: Workbench, _ terminal: TerminalSession) async throws {
        let before = try #require(try await bench.pid(of: name))
        try await select(name, bench, terminal)
        try terminal.type("r")
        try await bench.wait("\(name) runs as another process") {
            let service = try await bench.services()[name]
            let now = service?["pid"] as? Int
            return now != nil && now != Int(before) && service?["state"] as? String == "ready"
        }
    }

    /// Moves the cursor of the first pane to a service.
    private func select(_ name: String, _ bench: Workbench, _ terminal: TerminalSession) async throws {
        try terminal.type("1", "g", "g")
        try await terminal.wait(for: "[1 Fleet]")
        func chosen() throws -> String? {
            let row = try terminal.screen().split(separator: "\n").first { $0.hasPrefix(">") }
            return row?.split(separator: " ").dropFirst().first.map(String.init)
        }
        for _ in Self.names {
            let before = try chosen()
            if before == name { return }
            try terminal.type("j")
            // A key that is still on its way would carry the cursor past its goal.
            try await bench.wait("the cursor moves on from \(before ?? "nowhere")") { try chosen() != before }
        }
        #expect(try chosen() == name)
    }

    private func seeATraceAcrossTheBus(_ bench: Workbench) async throws {
        try await bench.wait("a trace crosses gateway, orders, products, payments and notifications") {
            let traces = try await bench.run("traces", "--json", "-n", "50").json() as? [[String: Any]] ?? []
            return traces.contains { trace in
                let services = Set(trace["services"] as? [String] ?? [])
                return services.isSuperset(of: ["gateway", "orders", "products", "payments", "notifications"])
            }
        }
    }

    private func seeRates(_ bench: Workbench) async throws {
        try await bench.wait("the gateway's rate is measured") {
            try await bench.services()["gateway"]?["rps"] as? Double ?? 0 > 0
        }
        let rates = try await bench.run("query", "--json", "sum by (service) (rate(http_requests_total[1m]))").json()
        #expect("\(rates)".contains("gateway"))
    }

    /// The example manifest on free ports, so that it does not meet a shop that already runs.
    static func shop() throws -> String {
        let text = try String(contentsOf: Workbench.packageRoot.appendingPathComponent("fleet.yaml"), encoding: .utf8)
        var used: Set<Int> = []
        let moved = try text.replacing(/(port: |stomp: |\{http: )(\d{4,5})/) { match in
            var port = try Workbench.freePort()
            while !used.insert(port).inserted { port = try Workbench.freePort() }
            return "\(match.1)\(port)"
        }
        #expect(used.count == 11, "the example's ports are written in another way now")
        return moved
    }
}
