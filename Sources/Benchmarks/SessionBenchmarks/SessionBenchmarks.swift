import Foundation

/// Measures the whole program from outside, as its user meets it:
/// `swift run -c release SessionBenchmarks [fleet.yaml]`. Takes about a minute and a half; starts that fleet and stops it again.
@main
enum SessionBenchmarks {
    static func main() throws {
        let manifest = CommandLine.arguments.dropFirst().first ?? "fleet.yaml"
        let fleet = FleetProgram(manifest: manifest)
        try measureStart(fleet)
        defer { try? fleet.run("down") }
        try measureConsole(fleet)
        try measureFlood()
    }

    private static func measureStart(_ fleet: FleetProgram) throws {
        let start = ContinuousClock.now
        try fleet.run("up", "-d", "--wait", "--timeout", "60s")
        report("start until every service is ready", start.duration(to: .now).milliseconds, "ms", most: 15_000)
    }

    private static func measureConsole(_ fleet: FleetProgram) throws {
        let start = ContinuousClock.now
        let terminal = try PseudoTerminal(columns: 120, rows: 40)
        let console = try fleet.start(["attach"], on: terminal)
        defer { console.terminate() }
        guard terminal.wait(for: "Fleet", within: .seconds(5)) else { return print("the console shows nothing") }
        report("attach until the first frame", start.duration(to: .now).milliseconds, "ms", most: 150)
        terminal.drain(for: .seconds(2))
        var answers: [Double] = []
        for index in 0..<300 {
            terminal.drain(for: .milliseconds(30))
            let pressed = ContinuousClock.now
            terminal.type(index % 2 == 0 ? "j" : "k")
            if terminal.waitForOutput(within: .seconds(1)) { answers.append(pressed.duration(to: .now).milliseconds) }
        }
        answers.sort()
        guard answers.count > 200 else { return print("the console does not answer keys") }
        report("key until the answer on the terminal, median", answers[answers.count / 2], "ms", most: 8)
        report("key until the answer on the terminal, p99", answers[answers.count * 99 / 100], "ms", most: 33)
        let engine = fleet.enginePID()
        let before = (Usage.seconds(of: console.processIdentifier), Usage.seconds(of: engine))
        terminal.drain(for: .seconds(30))
        let used = Usage.seconds(of: console.processIdentifier) - before.0 + Usage.seconds(of: engine) - before.1
        report("engine and console together", used / 30 * 100, "% of a core", most: 3)
        report("memory of the engine", Usage.megabytes(of: engine), "MiB", most: 200)
    }

    /// Five million lines of 100 bytes, against the same into `cat > /dev/null`.
    private static func measureFlood() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-flood-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = "yes \(String(repeating: "0123456789", count: 10).dropLast()) | head -n 5000000"
        let manifest = folder.appendingPathComponent("fleet.yaml")
        try "services: {flood: {command: \"\(source)\", enabled: false}}\n"
            .write(to: manifest, atomically: true, encoding: .utf8)
        let fleet = FleetProgram(manifest: manifest.path)
        try fleet.run("up", "-d")
        defer { try? fleet.run("down") }
        var ratios: [Double] = []
        for _ in 0..<3 {
            let plain = try seconds { try Shell.run("\(source) | cat > /dev/null") }
            let drained = try seconds {
                try fleet.run("start", "flood")
                while try !fleet.output("ps", "--json").contains("\"state\":\"exited\"") { usleep(50_000) }
            }
            ratios.append(plain / drained)
        }
        report("a flood drained, of the rate of cat > /dev/null", ratios.max() ?? 0, "times", least: 0.5)
    }

    private static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try work()
        return start.duration(to: .now).milliseconds / 1000
    }

    private static func report(_ name: String, _ figure: Double, _ unit: String, most: Double) {
        say(name, figure, unit, "at most \(most)", figure <= most)
    }

    private static func report(_ name: String, _ figure: Double, _ unit: String, least: Double) {
        say(name, figure, unit, "at least \(least)", figure >= least)
    }

    private static func say(_ name: String, _ figure: Double, _ unit: String, _ budget: String, _ isMet: Bool) {
        let dots = String(repeating: " ", count: max(1, 52 - name.count))
        print("\(name)\(dots)\((figure * 100).rounded() / 100) \(unit)  \(budget)  \(isMet ? "met" : "MISSED")")
    }
}

extension Duration {
    var milliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }
}
