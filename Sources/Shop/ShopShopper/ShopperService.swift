import Logging
import ShopKit

/// Customers: steady traffic with a shape, so that there is something to see.
package enum ShopperService {
    /// Errands under way at once; more are skipped, so that a slow shop does not make us grow.
    private static let limit = 64

    package static func run() async throws {
        let runtime = try ShopRuntime("shopper")
        let fallback = Endpoint(host: "127.0.0.1", port: 8080)
        let gateway = try runtime.settings.endpoint("GATEWAY_URL") ?? fallback
        // An errand is about 1.25 requests.
        let wave = TrafficWave(rate: try runtime.settings.double("RATE", default: 11.5) / 1.25)
        let customer = Customer(gateway: gateway, runtime: runtime)
        let target = runtime.metrics.gauge("shopper_target_rate", help: "Errands a second the shopper aims at.")
        try await runtime.serve(
            runtime.router(),
            port: try runtime.settings.port(default: 3010),
            workers: [
                Worker("errands") { await shop(customer, wave, target) },
                Worker("report") { await report(customer, wave, runtime.log) },
            ],
            isRegistered: false
        )
    }

    private static func shop(_ customer: Customer, _ wave: TrafficWave, _ target: GaugeFamily) async {
        let start = ContinuousClock.now
        try? await Pause.cancellingAtStop {
            await withDiscardingTaskGroup { group in
                let running = RunningCount()
                while !Pause.isStopping {
                    let rate = max(wave.rate(at: ContinuousClock.now - start), 0.1)
                    target.set(to: rate)
                    // Customers do not walk in step: the pause varies around its mean.
                    try? await Task.sleep(for: .seconds(Double.random(in: 0.4...1.6) / rate))
                    guard running.enter(limit: limit) else {
                        customer.tally.skip()
                        continue
                    }
                    group.addTask {
                        await customer.run(Errand.random())
                        running.leave()
                    }
                }
            }
        }
    }

    /// One line at the start and one a minute.
    private static func report(_ customer: Customer, _ wave: TrafficWave, _ log: Logger) async {
        log.info("shopping", metadata: ["rate": .stringConvertible(wave.rate)])
        while await Pause.sleep(for: .seconds(60)) {
            let counts = customer.tally.take()
            log.info(
                "\(counts.total) requests in a minute",
                metadata: [
                    "good": .stringConvertible(counts.good), "refused": .stringConvertible(counts.refused),
                    "failed": .stringConvertible(counts.failed), "unanswered": .stringConvertible(counts.unanswered),
                    "skipped": .stringConvertible(counts.skipped),
                ]
            )
        }
    }
}
