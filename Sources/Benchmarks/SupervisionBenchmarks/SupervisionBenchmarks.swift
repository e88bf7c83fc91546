import Foundation

/// Measures supervision from outside, with many small processes: `swift run -c release SupervisionBenchmarks`.
/// Takes about three minutes. The programs are `sh` and `sleep`, so that what is measured is the supervisor.
@main
enum SupervisionBenchmarks {
    static func main() throws {
        try measureMany()
        try measureProbes()
        try measureRespawn()
    }

    // MARK: Two hundred services

    private static let count = 200

    private static func measureMany() throws {
        let bare = try (0..<3).map { _ in try bareLoop() }.sorted()[1]
        report("bare posix_spawn of \(count) programs until each has printed", bare, "ms")
        try Project.use(manyServices) { project in
            var starts: [Double] = []
            var stops: [Double] = []
            for _ in 0..<3 {
                starts.append(try milliseconds { try project.fleet("up", "-d", "--wait", "--timeout", "60s") })
                guard starts.count == 3 else {
                    stops.append(try milliseconds { try project.fleet("down") })
                    continue
                }
                let engine = project.enginePID()
                usleep(5_000_000)
                report("engine memory with \(count) services", Usage.megabytes(of: engine), "MiB", most: 60)
                let load = Usage.percent(of: engine, over: 20)
                report("engine with \(count) idle services", load, "% of a core", most: 0.5)
                stops.append(try milliseconds { try project.fleet("down") })
            }
            let start = starts.sorted()[1]
            report("\(count) services: command until all run, without an engine", start, "ms", most: bare * 1.5 + 500)
            report("\(count) services that obey TERM: stopped", stops.sorted()[1], "ms", most: 1_000)
        }
    }

    private static var manyServices: String {
        let services = (1...count).map { "  s\($0): {command: [sh, -c, \"echo ready; exec sleep 3600\"]}" }
        return "telemetry: {otlp: {http: 0}}\nservices:\n" + services.joined(separator: "\n") + "\n"
    }

    /// The same programs, started in a row, each with a pipe for its output, and nothing else done.
    private static func bareLoop() throws -> Double {
        var children: [(pid: pid_t, pipe: Int32)] = []
        let time = try milliseconds {
            for _ in 0..<count { children.append(try Bare.spawn(["/bin/sh", "-c", "echo ready; exec sleep 3600"])) }
            for child in children { Bare.waitForOutput(child.pipe) }
        }
        for child in children {
            kill(child.pid, SIGKILL)
            waitpid(child.pid, nil, 0)
            close(child.pipe)
        }
        return time
    }

    // MARK: Fifty probes a second

    private static func measureProbes() throws {
        let services = (1...50).map {
            "  s\($0): {command: [sleep, \"3600\"], healthcheck: {tcp: {port: \(Project.port)}, interval: 1s}}"
        }
        let listener = try Bare.listen(on: Project.port)
        defer { close(listener) }
        let manifest = "telemetry: {otlp: {http: 0}}\nservices:\n" + services.joined(separator: "\n") + "\n"
        try Project.use(manifest) { project in
            try project.fleet("up", "-d", "--wait", "--timeout", "60s")
            usleep(3_000_000)
            let load = Usage.percent(of: project.enginePID(), over: 20)
            report("engine with 50 services probed every second", load, "% of a core", most: 1)
        }
    }

    // MARK: Coming back

    private static func measureRespawn() throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              phoenix:
                command: [sh, -c, "echo $$$$ >> pids; exec sleep 3600"]
                restart: always
                backoff: {initial: 0ms, max: 0ms}
            """
        try Project.use(manifest) { project in
            try project.fleet("up", "-d", "--wait", "--timeout", "60s")
            var times: [Double] = []
            var pids = try project.pids(atLeast: 1)
            for _ in 0..<100 {
                guard let last = pids.last else { break }
                usleep(20_000)
                let start = ContinuousClock.now
                kill(last, SIGKILL)
                pids = try project.pids(atLeast: pids.count + 1)
                times.append(start.duration(to: .now).milliseconds)
            }
            times.sort()
            report("kill -9 until the next process has run a line, median of 100", times[50], "ms", most: 10)
            report("kill -9 until the next process has run a line, p99", times[98], "ms")
        }
    }

    // MARK: Telling

    static func milliseconds(_ work: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try work()
        return start.duration(to: .now).milliseconds
    }

    private static func report(_ name: String, _ figure: Double, _ unit: String, most: Double? = nil) {
        let dots = String(repeating: " ", count: max(1, 64 - name.count))
        let verdict = most.map { "  at most \(rounded($0))  \(figure <= $0 ? "met" : "MISSED")" } ?? ""
        print("\(name)\(dots)\(rounded(figure)) \(unit)\(verdict)")
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

extension Duration {
    var milliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }
}
