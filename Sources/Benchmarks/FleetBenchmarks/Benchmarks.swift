/// Prints a figure a line against its budget: `swift run -c release FleetBenchmarks [part of a name]`.
@main
enum Benchmarks {
    static func main() {
        let wanted = CommandLine.arguments.dropFirst().first ?? ""
        let all: [(name: String, run: () -> Void)] = [
            ("metrics", MetricBenchmarks.run),
            ("promql", QueryBenchmarks.run),
            ("logs", LogBenchmarks.run),
            ("traces", TraceBenchmarks.run),
            ("console", ConsoleBenchmarks.run),
        ]
        for benchmark in all where wanted.isEmpty || benchmark.name.contains(wanted) { benchmark.run() }
    }
}
