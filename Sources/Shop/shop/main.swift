import Glibc
import ShopBus
import ShopGateway
import ShopKit
import ShopNotifications
import ShopOrders
import ShopPayments
import ShopProducts
import ShopRegistry
import ShopShopper
import ShopUsers

/// `shop NAME` runs one service of the shop until it is told to stop.
let services: [(name: String, run: @Sendable () async throws -> Void)] = [
    ("gateway", GatewayService.run), ("registry", RegistryService.run), ("users", UsersService.run),
    ("products", ProductsService.run), ("orders", OrdersService.run), ("payments", PaymentsService.run),
    ("bus", BusService.run), ("notifications", NotificationsService.run), ("shopper", ShopperService.run),
]

guard CommandLine.arguments.count == 2, let service = services.first(where: { $0.name == CommandLine.arguments[1] })
else {
    let names = services.map(\.name).joined(separator: "|")
    StandardError.write("usage: shop \(names)\n")
    exit(2)
}

// A reader that goes away must not end the service; writes report it.
signal(SIGPIPE, SIG_IGN)
EventLoops.useOneThread()
do {
    try await service.run()
} catch {
    StandardError.write("shop \(service.name): \(error)\n")
    exit(1)
}
