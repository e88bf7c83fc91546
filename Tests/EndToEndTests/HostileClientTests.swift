import Foundation
import Testing

/// The engine's socket against clients that are not ours.
@Suite(.fewAtATime) struct HostileClientTests {
    private static let routes = [
        "hello", "snapshot", "watch", "command", "shutdown", "logs", "logs/follow", "events", "events/follow", "query",
        "metrics", "traces", "trace/x", "map", "why/x", "scale", "reload", "environment/x", "history/x", "port",
        "resume-watch/x", "terminal/x", "input", "", "..", "nothing",
    ]

    @Test func `requests with random bodies are refused, and the engine runs on`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let socket = try #require(bench.files(named: "ctl.sock").first)
            let engine = try #require(bench.engines().first)
            try await Self.onThreadOfItsOwn { try Self.assault(socket) }
            #expect(Workbench.isAlive(engine))
            let states = try await bench.services().values.compactMap { $0["state"] as? String }
            #expect(!states.isEmpty)
            #expect(bench.engines() == [engine])
        }
    }

    /// Sockets that block must not hold a thread that other tests wait for.
    private static func onThreadOfItsOwn(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
        }
    }

    private static func assault(_ socket: String) throws {
        var random = SplitMix(state: 42)
        for round in 0..<600 {
            // A shutdown would be obeyed, and streams go on for ever.
            let route = Self.routes[Int(random.next() % UInt64(Self.routes.count))]
            guard route != "shutdown", route != "reload" else { continue }
            let body = Self.body(&random, round)
            let method = random.next() % 4 == 0 ? "GET" : "POST"
            let head =
                "\(method) /v1/\(route) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
            try UnixPeer(socket).say(Array(head.utf8) + body)
        }
        for garbage in [
            "\r\n\r\n", "GET", "POST /v1/logs HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "\u{0}\u{1}",
        ] {
            try UnixPeer(socket).say(Array(garbage.utf8))
        }
    }

    private static func body(_ random: inout SplitMix, _ round: Int) -> [UInt8] {
        let samples = [
            #"{"verb":"start","services":["nobody"],"withRelated":false,"signal":9,"wait":true,"timeout":[0,1]}"#,
            #"{"verb":"kill","services":[],"withRelated":false,"signal":-99999,"wait":false}"#,
            #"{"service":"web","replicas":-5,"wait":false}"#,
            #"{"service":"web","replicas":9223372036854775807,"wait":false}"#,
            #"{"services":[],"filter":"/(((((((((a*)*)*)*","limit":-1,"direction":"backward","find":""}"#,
            #"{"expression":"sum(((((((((((","limit":1}"#, #"{"service":"web","keys":"!!!!"}"#,
            #"{"service":"web","size":{"columns":-1,"rows":99999999}}"#, "[[[[[[[[[[", "null", "{}", "\"", "1e999",
        ]
        var bytes = Array(samples[round % samples.count].utf8)
        for _ in 0..<(random.next() % 6) where !bytes.isEmpty {
            let index = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 3 {
            case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.remove(at: index)
            default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
            }
        }
        return bytes
    }
}

private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// One connection to a unix socket that says something, reads what comes at once, and leaves.
private struct UnixPeer {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let descriptor = descriptor
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            close(descriptor)
            throw TimedOut(what: "a connection to \(path)")
        }
    }

    func say(_ bytes: [UInt8]) throws {
        defer { close(descriptor) }
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // Some answers take their time (a wait, a stream); leaving without them is part of the test.
        guard poll(&entry, 1, 200) > 0 else { return }
        var answer = [UInt8](repeating: 0, count: 4096)
        _ = recv(descriptor, &answer, answer.count, 0)
    }
}
