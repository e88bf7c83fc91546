/// What a customer does, in the proportions of a shop: much looking, some buying, a few mistakes.
enum Errand: String, CaseIterable, Sendable {
    case browse, viewProduct = "view_product", viewUser = "view_user", listUsers = "list_users"
    case checkout, viewOrders = "view_orders", viewOrder = "view_order"
    case signUp = "sign_up", mistake

    private var weight: Int {
        switch self {
        case .browse: 24
        case .viewProduct: 22
        case .viewUser: 8
        case .listUsers: 4
        case .checkout: 20
        case .viewOrders: 6
        case .viewOrder: 6
        case .signUp: 6
        case .mistake: 4
        }
    }

    private static let total = allCases.reduce(0) { $0 + $1.weight }

    static func random() -> Errand {
        var draw = Int.random(in: 0..<total)
        for errand in allCases {
            if draw < errand.weight { return errand }
            draw -= errand.weight
        }
        return .browse
    }
}
