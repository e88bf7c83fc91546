// swift-tools-version: 6.2
import PackageDescription

/// Every target compiles in the Swift 6 language mode with these on.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// One folder level under `Sources` shows the layers: Core, Platform, Engine, Adapters, App, Shop, Benchmarks.
func target(_ folder: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Sources/\(folder)/\(name)",
        swiftSettings: settings,
        // Pure targets import no platform module that would link the mathematics library for them.
        linkerSettings: folder == "Core" ? [.linkedLibrary("m", .when(platforms: [.linux]))] : []
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: dependencies,
        path: "Tests/\(name)Tests",
        exclude: exclude,
        swiftSettings: settings
    )
}

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let tracingAPI: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let core: [Target] = [
    target("Core", "FleetModel"),
    target("Core", "CellGrid"),
    target("Core", "ProtobufWire"),
    target("Core", "LinearRegex"),
    target("Core", "FleetAPI", ["FleetModel"]),
    target("Core", "FleetManifest", ["FleetModel", .product(name: "Yams", package: "Yams")]),
    target("Core", "FleetSupervision", ["FleetModel"]),
    target("Core", "FleetLogs", ["FleetModel", "LinearRegex"]),
    target("Core", "FleetMetrics", ["FleetModel"]),
    target("Core", "PromQL", ["FleetModel", "LinearRegex"]),
    target("Core", "FleetTraces", ["FleetModel", "ProtobufWire"]),
    target("Core", "FleetConsole", ["FleetModel", "FleetAPI", "CellGrid"]),
]

let platform: [Target] = [
    .systemLibrary(name: "CNcurses", path: "Sources/Platform/CNcurses"),
    .target(name: "CPlatform", path: "Sources/Platform/CPlatform"),
]

let engine: [Target] = [
    target(
        "Engine",
        "FleetEngine",
        ["FleetModel", "FleetAPI", "FleetSupervision", "FleetLogs", "FleetMetrics", "PromQL", "FleetTraces"]
    )
]

let adapters: [Target] = [
    target("Adapters", "LeanHTTP", [nioCore, nioPosix, nioHTTP1]),
    target("Adapters", "FleetProcesses", ["FleetModel", "FleetManifest", "FleetEngine", "CPlatform"]),
    target(
        "Adapters",
        "FleetCollectors",
        ["FleetModel", "FleetEngine", "LeanHTTP", "ProtobufWire", nioCore, nioPosix, nioHTTP1, nioHTTP2]
    ),
    target("Adapters", "FleetServer", ["FleetModel", "FleetAPI", hummingbird, nioCore, logging]),
    target("Adapters", "FleetClient", ["FleetModel", "FleetAPI", "LeanHTTP"]),
    target("Adapters", "FleetTerminal", ["CellGrid", "CNcurses", "CPlatform"]),
]

let app: [Target] = [
    .executableTarget(
        name: "fleet",
        dependencies: [
            "FleetModel", "FleetAPI", "FleetManifest", "FleetSupervision", "FleetLogs", "PromQL", "FleetEngine",
            "FleetConsole",
            "CellGrid", "FleetProcesses", "FleetCollectors", "FleetServer", "FleetClient", "FleetTerminal", "CPlatform",
            arguments,
        ],
        path: "Sources/App/fleet",
        swiftSettings: settings
    )
]

/// The example fleet. Each service is a target of its own that imports no other service and nothing named Fleet.
let shopServices = [
    "Registry", "Gateway", "Users", "Products", "Orders", "Payments", "Bus", "Notifications", "Shopper",
]

let shop: [Target] =
    [
        target(
            "Shop",
            "ShopKit",
            ["LeanHTTP", hummingbird, grdb, logging, tracingAPI, lifecycle, nioCore, nioPosix]
        )
    ]
    + shopServices.map {
        target("Shop", "Shop\($0)", ["ShopKit", "LeanHTTP", hummingbird, grdb, logging, nioCore, nioPosix])
    }
    + [
        .executableTarget(
            name: "shop",
            dependencies: ["ShopKit"] + shopServices.map { .target(name: "Shop\($0)") },
            path: "Sources/Shop/shop",
            swiftSettings: settings
        )
    ]

let benchmarks: [Target] = [
    .executableTarget(
        name: "FleetBenchmarks",
        dependencies: [
            "FleetModel", "CellGrid", "FleetAPI", "FleetConsole", "FleetLogs", "FleetMetrics", "PromQL", "FleetTraces",
            "ProtobufWire",
        ],
        path: "Sources/Benchmarks/FleetBenchmarks",
        swiftSettings: settings
    ),
    .executableTarget(
        name: "SessionBenchmarks",
        path: "Sources/Benchmarks/SessionBenchmarks",
        swiftSettings: settings
    ),
    .executableTarget(
        name: "SupervisionBenchmarks",
        path: "Sources/Benchmarks/SupervisionBenchmarks",
        swiftSettings: settings
    ),
]

let testTargets: [Target] = [
    // Linked into the test program: bounds how many tests run at once.
    .target(name: "TestRun", path: "Tests/TestRun"),
    tests("Architecture", ["TestRun"]),
    tests("CellGrid", ["CellGrid"]),
    tests("FleetModel", ["FleetModel"]),
    tests("FleetManifest", ["FleetModel", "FleetManifest"]),
    tests("FleetSupervision", ["FleetModel", "FleetSupervision"]),
    tests("FleetLogs", ["FleetModel", "LinearRegex", "FleetLogs"]),
    tests("FleetMetrics", ["FleetModel", "FleetMetrics"]),
    tests("PromQL", ["FleetModel", "LinearRegex", "PromQL"]),
    tests("FleetTraces", ["FleetModel", "ProtobufWire", "FleetTraces"]),
    tests("FleetConsole", ["FleetModel", "FleetAPI", "CellGrid", "FleetConsole"], exclude: ["Golden"]),
    tests("FleetEngine", ["FleetModel", "FleetAPI", "FleetEngine", "FleetSupervision"]),
    tests("FleetProcesses", ["FleetModel", "FleetEngine", "FleetProcesses", "CPlatform"]),
    tests(
        "FleetCollectors",
        ["FleetModel", "FleetEngine", "FleetCollectors", "LeanHTTP", nioCore, nioPosix, nioHTTP1, nioHTTP2]
    ),
    tests("FleetAPI", ["FleetModel", "FleetAPI"]),
    tests("LeanHTTP", ["LeanHTTP", nioCore, nioPosix, nioHTTP1]),
    tests("Shop", ["ShopKit", "ShopBus", "ShopRegistry", "ShopGateway", "ShopOrders", "LeanHTTP"]),
    tests("EndToEnd", ["CPlatform"]),
]

let package = Package(
    name: "fleet",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "fleet", targets: ["fleet"]),
        .executable(name: "shop", targets: ["shop"]),
    ],
    dependencies: [
        // Command line, help and completion.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // YAML with line and column marks.
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        // Sockets and HTTP/1 framing for the lean client, the probes and the OTLP receiver.
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        // HTTP/2 in clear text: gRPC health checks.
        .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
        // The engine's API server and the shop's services.
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        // The shop: a SQLite database per service; logging and tracing through the vendor-neutral APIs.
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", exact: "1.7.3"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: core + platform + engine + adapters + app + shop + benchmarks + testTargets,
    swiftLanguageModes: [.v6]
)
