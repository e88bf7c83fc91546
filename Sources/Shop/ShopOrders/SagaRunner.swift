import Foundation
import LeanHTTP
import Logging
import ShopKit

/// Takes the steps of a saga one after the other, each recorded before the next.
struct SagaRunner: Sendable {
    private static let attempts = 3

    private let store: OrderStore
    private let directory: ServiceDirectory
    private let relay: OutboxRelay
    private let http: OutgoingHTTP
    private let tracer: ShopTracer
    private let log: Logger
    private let steps: CounterFamily
    private let orders: CounterFamily
    private let durations: HistogramFamily

    init(_ runtime: ShopRuntime, store: OrderStore, directory: ServiceDirectory, relay: OutboxRelay) {
        self.store = store
        self.directory = directory
        self.relay = relay
        http = runtime.http
        tracer = runtime.tracer
        log = runtime.log
        steps = runtime.metrics.counter(
            "saga_steps_total",
            help: "Steps of the order saga by outcome.",
            labels: ["step", "outcome"]
        )
        orders = runtime.metrics.counter(
            "orders_finished_total",
            help: "Orders that came to an end.",
            labels: ["status"]
        )
        durations = runtime.metrics.histogram(
            "saga_duration_seconds",
            help: "Time from placing an order to its end, in seconds.",
            labels: ["status"]
        )
    }

    /// Brings the order as far as it goes now: to its end, unless a service that is needed to undo is away.
    func run(_ saga: OrderSaga) async throws -> OrderSaga {
        let start = ContinuousClock.now
        var saga = saga
        while let step = saga.next {
            let outcome = await perform(step, for: saga)
            steps.increment(step.rawValue, Self.word(outcome))
            guard let event = saga.event(after: step, outcome) else { return saga }
            saga = try await store.append(event, to: saga, publishing: announcement(of: event, saga))
        }
        relay.wake()
        orders.increment(saga.status)
        durations.observe(saga.status, value: (ContinuousClock.now - start).inSeconds)
        let reason = saga.failure.map { ["reason": Logger.MetadataValue.string($0.rawValue)] } ?? [:]
        log.info("order \(saga.status)", metadata: ["order": "\(saga.id)"].merging(reason) { first, _ in first })
        return saga
    }

    /// Goes on with orders whose process ended in the middle, until the service stops.
    func recover() async {
        while await Pause.sleep(for: .seconds(3)) {
            do {
                for saga in try await store.stalled(forSeconds: 10) {
                    log.info("going on with an order", metadata: ["order": "\(saga.id)", "status": "\(saga.status)"])
                    _ = try await tracer.span("recover order") { _ in try await run(saga) }
                }
            } catch is OrderStore.Outrun {
                continue
            } catch {
                log.error("recovery failed", metadata: ["cause": "\(error)"])
            }
        }
    }

    private func announcement(of event: OrderEvent, _ saga: OrderSaga) -> OutboxEvent? {
        var body: [String: JSONValue] = [
            "order_id": .string(saga.id), "user_id": .string(saga.userID), "total": .int(saga.total),
        ]
        switch event {
        case .confirmed:
            return OutboxEvent("/topic/order.confirmed", .object(body))
        case .failed:
            body["reason"] = .string(saga.failure?.rawValue ?? "")
            return OutboxEvent("/topic/order.failed", .object(body))
        case .placed, .reserved, .charged, .abandoned, .refunded, .released:
            return nil
        }
    }

    // MARK: - Steps

    private func perform(_ step: SagaStep, for saga: OrderSaga) async -> StepOutcome {
        switch step {
        case .reserve:
            let lines = saga.items.map { line -> JSONValue in
                ["sku": .string(line.sku), "quantity": .int(line.quantity)]
            }
            return await ask("products", "POST", "/reservations", ["key": .string(saga.id), "items": .array(lines)])
        case .charge:
            let body: JSONValue = [
                "key": .string(saga.id), "order_id": .string(saga.id), "amount": .int(saga.total),
                "token": .string(saga.token),
            ]
            return await ask("payments", "POST", "/charges", body)
        case .refund:
            return await ask("payments", "POST", "/refunds", ["key": .string(saga.id)])
        case .release:
            return await ask("products", "DELETE", "/reservations/\(saga.id)", nil)
        case .confirm, .fail:
            return .done(total: nil)
        }
    }

    /// Asks until there is an answer that settles the step; all of these requests are idempotent by the order's id.
    private func ask(_ service: String, _ method: String, _ target: String, _ body: JSONValue?) async -> StepOutcome {
        for attempt in 1...Self.attempts {
            if attempt > 1 { try? await Task.sleep(for: .milliseconds(100 * attempt)) }
            guard let instance = directory.pick(service) else { continue }
            let request = LeanRequest(
                method: method,
                address: .tcp(host: instance.host, port: instance.port),
                target: target,
                headers: body == nil ? [] : [(name: "Content-Type", value: "application/json")],
                body: Array((body?.text ?? "").utf8)
            )
            guard let response = try? await http.send(request, to: service, deadline: .milliseconds(1500)) else {
                continue
            }
            if let outcome = Self.outcome(response) { return outcome }
        }
        return .unanswered
    }

    /// What an answer means for the step; nil when asking again may help.
    static func outcome(_ response: LeanResponse) -> StepOutcome? {
        switch response.status {
        case 200, 201:
            let document = try? JSONDecoder().decode(JSONValue.self, from: Data(response.body))
            // A reservation that was released in the meantime holds nothing.
            if document?["status"]?.stringValue == "released" { return .refused(.outOfStock) }
            return .done(total: document?["total"]?.intValue)
        case 204: return .done(total: nil)
        case 402: return .refused(.declined)
        case 409: return .refused(.outOfStock)
        case 400..<500 where response.status != 429: return .refused(.unknownProduct)
        default: return nil
        }
    }

    private static func word(_ outcome: StepOutcome) -> String {
        switch outcome {
        case .done: "done"
        case .refused(let failure): failure.rawValue
        case .unanswered: "unanswered"
        }
    }
}
