import Foundation
import LeanHTTP
import ShopKit
import Synchronization

/// Runs errands against the gateway and remembers a few users and orders to come back to.
final class Customer: Sendable {
    private enum Kind {
        case user, order
    }

    private static let memoryLimit = 200

    private let gateway: Endpoint
    private let http: OutgoingHTTP
    private let tracer: ShopTracer
    private let memory = Mutex<[Kind: [String]]>([:])
    let tally = Tally()

    init(gateway: Endpoint, runtime: ShopRuntime) {
        self.gateway = gateway
        http = runtime.http
        tracer = runtime.tracer
    }

    /// One errand, one trace.
    func run(_ errand: Errand) async {
        await tracer.span(errand.rawValue) { span in
            span.set("shopper.errand", errand.rawValue)
            switch errand {
            case .browse: await send("GET", "/api/products")
            case .viewProduct: await send("GET", "/api/v1/products/\(Self.sku())")
            case .viewUser: await send("GET", "/api/users/\(known(.user) ?? "nobody")")
            case .listUsers: await send("GET", "/api/users?limit=10")
            case .viewOrders: await send("GET", "/api/orders?limit=10")
            case .viewOrder: await send("GET", known(.order).map { "/api/orders/\($0)" } ?? "/api/orders?limit=5")
            case .signUp: await signUp()
            case .checkout: await checkout()
            case .mistake: await makeMistake()
            }
        }
    }

    private func signUp() async {
        let name = "\(Self.firstNames.randomElement() ?? "Ada") \(Self.lastNames.randomElement() ?? "Moss")"
        let handle = name.lowercased().replacing(" ", with: ".")
        let email = "\(handle).\(SpanID.random().description.prefix(8))@example.com"
        let created = await send("POST", "/api/users", ["name": .string(name), "email": .string(email)])
        if let id = created?["id"]?.stringValue { remember(id, .user) }
    }

    private func checkout() async {
        guard let user = known(.user) else { return await signUp() }
        let sku = Self.sku()
        await send("GET", "/api/products/\(sku)")
        var items: [JSONValue] = [["sku": .string(sku), "quantity": .int(Int.random(in: 1...3))]]
        if Bool.random() { items.append(["sku": .string(Self.sku()), "quantity": 1]) }
        let token = Int.random(in: 0..<100) < 4 ? "tok_declined" : "tok_visa"
        let order: JSONValue = [
            "user_id": .string(user), "items": .array(items), "payment": ["token": .string(token)],
        ]
        let placed = await send("POST", "/api/orders", order, key: TraceID.random().description)
        if let id = placed?["id"]?.stringValue { remember(id, .order) }
    }

    private func makeMistake() async {
        switch Int.random(in: 0..<4) {
        case 0: await send("GET", "/api/products/SKU-404")
        case 1: await send("POST", "/api/users", ["name": "", "email": "not an address"])
        case 2: await send("POST", "/api/orders", ["items": []])
        default: await send("GET", "/api/wishlists")
        }
    }

    @discardableResult
    private func send(
        _ method: String,
        _ target: String,
        _ body: JSONValue? = nil,
        key: String? = nil
    ) async -> JSONValue? {
        var request = LeanRequest(method: method, address: .tcp(host: gateway.host, port: gateway.port), target: target)
        if let body {
            request.body = Array(body.text.utf8)
            request.headers.append((name: "Content-Type", value: "application/json"))
        }
        if let key { request.headers.append((name: "Idempotency-Key", value: key)) }
        guard let response = try? await http.send(request, to: "gateway", deadline: .seconds(6)) else {
            tally.count(status: nil)
            return nil
        }
        tally.count(status: response.status)
        guard body != nil, response.status < 300 else { return nil }
        return try? JSONDecoder().decode(JSONValue.self, from: Data(response.body))
    }

    private func remember(_ id: String, _ kind: Kind) {
        memory.withLock { memory in
            memory[kind, default: []].append(id)
            if memory[kind, default: []].count > Self.memoryLimit { memory[kind]?.removeFirst() }
        }
    }

    private func known(_ kind: Kind) -> String? {
        memory.withLock { $0[kind]?.randomElement() }
    }

    private static func sku() -> String { "SKU-\(Int.random(in: 1...20))" }

    private static let firstNames = ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Radia", "Ken", "Frances", "Tony"]
    private static let lastNames = ["Moss", "Lindgren", "Okafor", "Ferrari", "Novak", "Silva", "Tanaka", "Weber"]
}
