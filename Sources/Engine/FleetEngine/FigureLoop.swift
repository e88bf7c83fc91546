import FleetModel
import FleetSupervision

/// Every three seconds: measures processor time and memory of the services, evaluates the rps, p95 and err% expressions, and
/// puts the figures with their recent history on the board.
struct FigureLoop: Sendable {
    let book: FleetBook
    let host: any ProcessHost
    let metrics: MetricHub
    let evaluator: MetricEvaluator
    let rates: RateMeter
    let board: SnapshotBoard
    let clock: any EngineClock

    private static let interval = Duration.seconds(3)
    /// A history value every this many rounds.
    private static let roundsPerHistoryStep = 2

    func run() async {
        var meter = UsageMeter()
        var rates = rates
        var histories: [ServiceID: FigureHistory] = [:]
        var round = 0
        while !Task.isCancelled {
            let time = clock.wallTime
            let roster = book.roster
            let usage = meter.percentages(await host.usage(), at: clock.now)
            let red = evaluator.red(roster.fleet.red, at: time)
            var figures: [ServiceID: ServiceFigures] = [:]
            for instance in roster.instances {
                let id = instance.id
                var figure = figure(of: instance, usage[id], red, at: time)
                if round.isMultiple(of: Self.roundsPerHistoryStep) {
                    histories[id, default: FigureHistory()].add(figure)
                }
                histories[id]?.fill(&figure)
                figures[id] = figure
            }
            histories = histories.filter { figures[$0.key] != nil }
            publish(figures, rates.next(at: clock.now))
            if round.isMultiple(of: 30) { metrics.expire(at: time) }
            round += 1
            guard (try? await clock.sleep(for: Self.interval)) != nil else { return }
        }
    }

    private func figure(
        of instance: FleetRoster.Instance,
        _ used: (cpuPercent: Double, memoryBytes: Int)?,
        _ red: MetricEvaluator.Red,
        at time: Timestamp
    ) -> ServiceFigures {
        var figure = ServiceFigures()
        let (id, name) = (instance.id, instance.name)
        if let used {
            figure.cpuPercent = Self.rounded(used.cpuPercent)
            figure.memoryBytes = used.memoryBytes
            metrics.record(cpuPercent: used.cpuPercent, memoryBytes: used.memoryBytes, of: id, name, at: time)
        } else {
            metrics.endOwn(id, at: time)
        }
        if board.status(of: id)?.state.isAlive == true {
            figure.rps = red.rate[name.rawValue].map(Self.rounded)
            figure.p95Seconds = red.p95[name.rawValue].map(Self.rounded)
            figure.errorRatio = red.errors[name.rawValue].map(Self.rounded)
        }
        return figure
    }

    private func publish(_ figures: [ServiceID: ServiceFigures], _ rates: (lines: Double, spans: Double)) {
        let cpu = figures.values.compactMap(\.cpuPercent)
        let memory = figures.values.compactMap(\.memoryBytes)
        board.put(figures) { totals in
            totals.rps = Self.total(figures.values.compactMap(\.rps))
            totals.errorRatio = Self.errorRatio(Array(figures.values))
            totals.p95Seconds = figures.values.compactMap(\.p95Seconds).max()
            totals.cpuPercent = cpu.isEmpty ? nil : Self.rounded(cpu.reduce(0, +))
            totals.memoryBytes = memory.isEmpty ? nil : memory.reduce(0, +)
            totals.logLinesPerSecond = Self.rounded(rates.lines)
            totals.spansPerSecond = Self.rounded(rates.spans)
        }
    }

    private static func total(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : rounded(values.reduce(0, +))
    }

    /// Weighted by requests.
    private static func errorRatio(_ figures: [ServiceFigures]) -> Double? {
        let known = figures.compactMap { figure in
            figure.rps.flatMap { rps in figure.errorRatio.map { (requests: rps, errors: rps * $0) } }
        }
        let requests = known.reduce(0) { $0 + $1.requests }
        return requests > 0 ? rounded(known.reduce(0) { $0 + $1.errors } / requests) : nil
    }

    /// Four significant digits: what people can see, and no change where nothing visible changed.
    static func rounded(_ value: Double) -> Double {
        guard value.isFinite, value != 0 else { return value == 0 ? 0 : value }
        var scale = 1.0
        var magnitude = value.magnitude
        while magnitude < 1_000, scale < 1e12 {
            magnitude *= 10
            scale *= 10
        }
        return (value * scale).rounded() / scale
    }
}

/// Percentages of a core from cumulative processor times.
struct UsageMeter {
    private var last: [ServiceID: (cpuTime: Duration, at: Moment)] = [:]

    mutating func percentages(
        _ usage: [ServiceID: ResourceUsage],
        at now: Moment
    ) -> [ServiceID: (cpuPercent: Double, memoryBytes: Int)] {
        var result: [ServiceID: (cpuPercent: Double, memoryBytes: Int)] = [:]
        for (service, used) in usage {
            var percent = 0.0
            if let before = last[service], used.cpuTime >= before.cpuTime {
                let wall = before.at.distance(to: now).inSeconds
                if wall > 0 { percent = (used.cpuTime - before.cpuTime).inSeconds / wall * 100 }
            }
            result[service] = (percent, used.memoryBytes)
        }
        last = usage.mapValues { ($0.cpuTime, now) }
        return result
    }
}

/// Lines and spans per second since the last call.
struct RateMeter: Sendable {
    let logs: LogHub
    let traces: TraceHub
    private var last: (lines: Int, spans: Int, at: Moment)?

    init(logs: LogHub, traces: TraceHub) {
        self.logs = logs
        self.traces = traces
    }

    mutating func next(at now: Moment) -> (lines: Double, spans: Double) {
        let lines = logs.counts.next
        let spans = traces.spanCount
        defer { last = (lines, spans, now) }
        guard let last else { return (0, 0) }
        let seconds = max(last.at.distance(to: now).inSeconds, 0.001)
        return (Double(lines - last.lines) / seconds, Double(spans - last.spans) / seconds)
    }
}

/// The last two minutes of a service's figures.
struct FigureHistory {
    private static let length = 20

    private var rps: [Double?] = []
    private var p95: [Double?] = []
    private var cpu: [Double?] = []
    private var memory: [Double?] = []
    private var errors: [Double?] = []

    mutating func add(_ figure: ServiceFigures) {
        Self.append(figure.rps, to: &rps)
        Self.append(figure.p95Seconds, to: &p95)
        Self.append(figure.cpuPercent, to: &cpu)
        Self.append(figure.memoryBytes.map(Double.init), to: &memory)
        Self.append(figure.errorRatio, to: &errors)
    }

    func fill(_ figure: inout ServiceFigures) {
        figure.rpsHistory = Self.shown(rps)
        figure.p95History = Self.shown(p95)
        figure.cpuHistory = Self.shown(cpu)
        figure.memoryHistory = Self.shown(memory)
        figure.errorHistory = Self.shown(errors)
    }

    private static func append(_ value: Double?, to values: inout [Double?]) {
        values.append(value)
        if values.count > length { values.removeFirst(values.count - length) }
    }

    /// A line that has been flat since it began is one point until the window is full: an idle fleet is an unchanging one.
    private static func shown(_ values: [Double?]) -> [Double?] {
        guard values.count < length, let first = values.first, values.allSatisfy({ $0 == first }) else { return values }
        return [first]
    }
}
