import Foundation
import Testing

/// The layers of the house: a target imports only what stands here beside it. Changing this table is changing the design.
private let allowed: [String: Set<String>] = [
    // Layer 0: words and cells.
    "FleetModel": [],
    "CellGrid": [],
    "ProtobufWire": [],
    "LinearRegex": [],
    // Layer 1: pure logic.
    "FleetAPI": ["FleetModel"],
    "FleetManifest": ["FleetModel", "Yams"],
    "FleetSupervision": ["FleetModel"],
    "FleetLogs": ["FleetModel", "LinearRegex"],
    "FleetMetrics": ["FleetModel"],
    "PromQL": ["FleetModel", "LinearRegex"],
    "FleetTraces": ["FleetModel", "ProtobufWire"],
    "FleetConsole": ["FleetModel", "FleetAPI", "CellGrid"],
    // Layer 2: tasks and time.
    "FleetEngine": [
        "FleetModel", "FleetAPI", "FleetSupervision", "FleetLogs", "FleetMetrics", "PromQL", "FleetTraces",
    ],
    // Layer 3: adapters.
    "LeanHTTP": ["NIOCore", "NIOPosix", "NIOHTTP1"],
    "FleetProcesses": ["FleetModel", "FleetManifest", "FleetEngine", "CPlatform"],
    "FleetCollectors": [
        "FleetModel", "FleetEngine", "LeanHTTP", "ProtobufWire", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOHTTP2",
    ],
    "FleetServer": ["FleetModel", "FleetAPI", "Hummingbird", "NIOCore", "Logging"],
    "FleetClient": ["FleetModel", "FleetAPI", "LeanHTTP"],
    "FleetTerminal": ["CellGrid", "CNcurses", "CPlatform"],
]

/// What the toolchain brings.
private let toolchain: Set<String> = [
    "Swift", "Synchronization", "Foundation", "FoundationEssentials", "Glibc", "Darwin", "Dispatch", "Musl",
]

private let core: Set<String> = [
    "FleetModel", "CellGrid", "ProtobufWire", "LinearRegex", "FleetAPI", "FleetManifest", "FleetSupervision",
    "FleetLogs", "FleetMetrics",
    "PromQL", "FleetTraces", "FleetConsole",
]

@Test func `a target imports only lower layers`() throws {
    let tree = try SourceTree()
    #expect(tree.files.count > 100, "the sources were not found")
    for file in tree.files {
        guard let allowed = allowed[file.target] else { continue }
        let foreign = file.imports.subtracting(allowed).subtracting(toolchain).subtracting([file.target])
        #expect(foreign.isEmpty, "\(file.path) imports \(foreign.sorted())")
    }
}

@Test func `every target of a layer is in the table`() throws {
    for file in try SourceTree().files where ["Core", "Engine", "Adapters"].contains(file.layer) {
        #expect(allowed[file.target] != nil, "\(file.target) has no row")
    }
}

@Test func `pure code does no input or output, starts no task and reads no clock`() throws {
    let forbiddenModules: Set<String> = ["Foundation", "Glibc", "Darwin", "Dispatch", "Musl"]
    let forbiddenWords = [
        "Task {", "Task.sleep", "Task.detached", "withTaskGroup", "ContinuousClock", "SuspendingClock", "Date()",
        "DispatchQueue", "FileManager", "print(",
    ]
    for file in try SourceTree().files where core.contains(file.target) {
        let modules = file.imports.intersection(forbiddenModules)
        #expect(modules.isEmpty, "\(file.path) imports \(modules.sorted())")
        let lines = SourceTree.code(file.text)
        for word in forbiddenWords {
            let hit = lines.firstIndex { line in
                // `footprint(` is not `print(`.
                line.range(of: word).map { range in
                    range.lowerBound == line.startIndex
                        || !line[line.index(before: range.lowerBound)].isLetter
                            && line[line.index(before: range.lowerBound)] != "."
                } ?? false
            }
            #expect(hit == nil, "\(file.path):\((hit ?? 0) + 1) says \(word)")
        }
    }
}

@Test func `ncurses is known to one target`() throws {
    for file in try SourceTree().files where file.imports.contains("CNcurses") {
        #expect(file.target == "FleetTerminal", "\(file.path) imports CNcurses")
    }
}

@Test func `the shop imports nothing of the console`() throws {
    let services = Set(try SourceTree().files.filter { $0.layer == "Shop" }.map(\.target))
    #expect(services.count >= 10)
    for file in try SourceTree().files where file.layer == "Shop" {
        let own = file.imports.filter { $0.hasPrefix("Fleet") || ["CellGrid", "PromQL", "ProtobufWire"].contains($0) }
        #expect(own.isEmpty, "\(file.path) imports \(own.sorted())")
        guard file.target != "shop" else { continue }
        let others = file.imports.intersection(services).subtracting([file.target, "ShopKit"])
        #expect(others.isEmpty, "\(file.path) imports another service: \(others.sorted())")
    }
}

@Test func `no two names for one thing are left over from a move`() throws {
    for file in try SourceTree().files {
        #expect(!file.path.hasSuffix("Placeholder.swift"), "\(file.path) was forgotten")
        #expect(!file.text.contains("@_exported"), "\(file.path) makes an umbrella module")
    }
}
