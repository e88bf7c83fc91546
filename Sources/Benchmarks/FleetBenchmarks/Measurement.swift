/// Runs a piece of work a few times and prints one line: the name, the best figure, its unit, and the budget beside it.
struct Measurement {
    enum Budget {
        case atLeast(Double)
        case atMost(Double)
        /// For comparison only.
        case none
    }

    let name: String
    let unit: String
    let budget: Budget

    /// Items per second; the best of five runs, because everything else on the machine only ever slows one down.
    func rate(items: Int, _ work: () -> Void) {
        report(Double(items) / best(work))
    }

    /// Milliseconds for one call.
    func milliseconds(_ work: () -> Void) {
        report(best(work) * 1_000)
    }

    func report(_ figure: Double) {
        let verdict: String
        switch budget {
        case .atLeast(let least): verdict = "at least \(Self.text(least))  \(figure >= least ? "met" : "MISSED")"
        case .atMost(let most): verdict = "at most \(Self.text(most))  \(figure <= most ? "met" : "MISSED")"
        case .none: verdict = ""
        }
        let columns = [Self.padded(name, 44), Self.padded(Self.text(figure), 12), Self.padded(unit, 12), verdict]
        print(columns.joined(separator: " "))
    }

    private func best(_ work: () -> Void) -> Double {
        let clock = ContinuousClock()
        let times = (0..<5).map { _ in clock.measure(work) }
        let (seconds, attoseconds) = (times.min() ?? .zero).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func text(_ value: Double) -> String {
        switch value {
        case 100_000...: "\(Int(value / 1_000))k"
        case 100...: "\(Int(value))"
        default: "\((value * 100).rounded() / 100)"
        }
    }
}
