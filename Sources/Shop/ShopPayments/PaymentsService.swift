import Glibc
import Hummingbird
import Logging
import ShopKit
import Synchronization

/// Charges and refunds, with faults on request.
package enum PaymentsService {
    package static func run() async throws {
        let runtime = try ShopRuntime("payments")
        let payments = Payments(
            store: ChargeStore(database: try runtime.database(migrate: ChargeStore.migrate)),
            tracer: runtime.tracer,
            log: runtime.log,
            charges: runtime.metrics.counter("charges_total", help: "Charges by status.", labels: ["status"])
        )
        let router = runtime.router()
        router.post("/charges") { request, context in
            try await payments.charge(try await request.decode(as: ChargeDraft.self, context: context))
        }
        router.get("/charges/:id") { _, context in
            let id = try context.parameters.require("id")
            guard let charge = try await payments.store.charge(id) else { throw Problem.notFound("charge \(id)") }
            return try Response.encoding(charge)
        }
        router.post("/refunds") { request, context in
            let draft = try await request.decode(as: ChargeDraft.self, context: context)
            guard let key = draft.key, (1...128).contains(key.utf8.count) else {
                throw Problem.invalid([.init("#/key", "must have 1 to 128 bytes")])
            }
            return try Response.encoding(try await payments.store.refund(key))
        }
        router.get("/admin/faults") { _, _ in try Response.encoding(payments.faults.withLock { $0 }) }
        router.put("/admin/faults") { request, context in
            let plan = try await request.decode(as: FaultPlan.self, context: context).clamped
            payments.faults.withLock { $0 = plan }
            runtime.log.warning("faults changed", metadata: ["plan": "\(plan)"])
            return try Response.encoding(plan)
        }
        router.delete("/admin/faults") { _, _ in
            payments.faults.withLock { $0 = FaultPlan() }
            return Response(status: .noContent)
        }
        try await runtime.serve(router, port: try runtime.settings.port(default: 3004))
    }
}

/// Decides about charges, as slowly and as badly as it was told to.
private final class Payments: Sendable {
    let store: ChargeStore
    let faults = Mutex(FaultPlan())
    private let tracer: ShopTracer
    private let log: Logger
    private let charges: CounterFamily

    init(store: ChargeStore, tracer: ShopTracer, log: Logger, charges: CounterFamily) {
        self.store = store
        self.tracer = tracer
        self.log = log
        self.charges = charges
    }

    func charge(_ draft: ChargeDraft) async throws -> Response {
        let (key, order, amount) = try draft.validated()
        try await suffer()
        if let known = try await store.charge(key) { return try answer(known, isNew: false) }
        try await tracer.spanIfTraced("authorize card") { span in
            span?.set("payment.amount", amount)
            try await Task.sleep(for: .milliseconds(Int.random(in: 4...25)))
        }
        let status = draft.isDeclined ? "declined" : "approved"
        let document = ChargeDocument(id: key, orderID: order, amount: amount, status: status)
        let (charge, isNew) = try await store.record(document)
        return try answer(charge, isNew: isNew)
    }

    private func suffer() async throws {
        let fault = faults.withLock { $0.next(draw: Double.random(in: 0..<1)) }
        if fault.isCrash {
            log.critical("ending, as the fault plan says")
            _exit(1)
        }
        if fault.delay > .zero { try await Task.sleep(for: fault.delay) }
        guard fault.isError else { return }
        charges.increment("error")
        throw Problem(.internalServerError, "Injected fault", "the fault plan says that this charge fails")
    }

    private func answer(_ charge: ChargeDocument, isNew: Bool) throws -> Response {
        charges.increment(isNew ? charge.status : "repeated")
        switch charge.status {
        case "approved":
            return try Response.encoding(charge, status: isNew ? .created : .ok)
        case "declined":
            let status = HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
            throw Problem(status, "Payment declined", "the bank declined the charge")
        default:
            throw Problem.conflict("Charge \(charge.status)", "this charge was \(charge.status)")
        }
    }
}
