package import FleetEngine
package import FleetModel
import LeanHTTP

/// Asks a service over the network whether it is well.
///
/// Every probe opens a connection of its own and closes it: it also tests that the service still accepts connections,
/// and a service that waits for its clients before it stops does not wait for us. Whether the listener belongs to the
/// service is the process side's question.
package struct NetworkProber: NetworkProbing {
    /// A healthy answer may be long; nobody reads the rest.
    private static let bodyLimit = 64 << 10

    private let client = LeanHTTPClient(idleConnectionsPerAddress: 0)
    private let habits = ProbeHabits()

    package init() {}

    package func probe(_ check: ProbeSpec.Check, timeout: Duration) async -> ProbeOutcome {
        let clock = ContinuousClock()
        let start = clock.now
        let verdict =
            switch check {
            case .http(let check):
                await quickly(check, timeout: timeout)
            case .tcp(let host, let port):
                await quickly(host, port, timeout: timeout)
            case .grpc(let host, let port, let service):
                Verdict(await GRPCHealthProbe(host: host, port: port, service: service).ask(within: timeout))
            case .test, .log, .notify, .listen:
                Verdict(passed: false, detail: "not a network probe")
            }
        return ProbeOutcome(
            passed: verdict.passed,
            detail: verdict.detail,
            latency: start.duration(to: clock.now)
        )
    }

    private struct Verdict {
        var passed: Bool
        var detail: String
        /// Failed for no other reason than time.
        var isTimeout = false

        init(passed: Bool, detail: String) {
            self.passed = passed
            self.detail = detail
        }

        static func timedOut(after limit: Duration) -> Verdict {
            let milliseconds = limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000
            let text = milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
            var verdict = Verdict(passed: false, detail: "timed out after \(text)")
            verdict.isTimeout = true
            return verdict
        }

        init(_ verdict: GRPCHealthAnswer.Verdict) {
            passed = verdict.passed
            detail = verdict.detail
        }

        init(_ error: LeanHTTPError) {
            passed = false
            isTimeout = error.code == .timedOut
            // The service and its port are on the screen already.
            detail =
                switch error.code {
                case .connectionRefused: "connection refused"
                case .connectionClosed: "connection closed without an answer"
                default: error.detail
                }
        }
    }

    /// A second connection is made only for what is not plainly well.
    private func quickly(_ host: String, _ port: Int, timeout: Duration) async -> Verdict {
        let end = ContinuousClock.now + timeout
        let answer = await LoopbackProbe.shared.ask(host, port, request: [], within: timeout)
        if answer != nil { return Verdict(passed: true, detail: "connected") }
        let rest = ContinuousClock.now.duration(to: end)
        guard rest > .zero else { return .timedOut(after: timeout) }
        let verdict = await connect(.tcp(host: host, port: port), timeout: rest)
        return verdict.isTimeout ? .timedOut(after: timeout) : verdict
    }

    private func quickly(_ check: ProbeSpec.HTTPCheck, timeout: Duration) async -> Verdict {
        guard check.scheme == "http", check.method.uppercased() == "GET", habits.isPlain(check),
            let request = try? Self.request(for: check), case let bytes = Array(Self.head(of: request, check).utf8),
            !bytes.isEmpty
        else {
            let verdict = await ask(check, timeout: timeout)
            habits.asked(check, passed: verdict.passed)
            return verdict
        }
        let end = ContinuousClock.now + timeout
        let answer = await LoopbackProbe.shared.ask(check.host, check.port, request: bytes, within: timeout)
        var late = Verdict.timedOut(after: timeout)
        if case .status(let status)? = answer {
            let passes = check.statuses.contains { $0.contains(status) }
            guard !passes else { return Verdict(passed: true, detail: StatusLine.text(status)) }
            // What it said the first time is worth more than that it did not say it again in time.
            late = Verdict(passed: false, detail: StatusLine.text(status))
        }
        let rest = ContinuousClock.now.duration(to: end)
        guard rest > .zero else { return late }
        let again = await ask(check, timeout: rest)
        let verdict = again.isTimeout ? late : again
        habits.askedAgain(check, passed: verdict.passed)
        return verdict
    }

    /// The request as it goes over the wire; empty when it holds what would not stay on its line.
    private static func head(of request: LeanRequest, _ check: ProbeSpec.HTTPCheck) -> String {
        let host = check.host.contains(":") && !check.host.hasPrefix("[") ? "[\(check.host)]" : check.host
        var lines = ["\(request.method) \(request.target) HTTP/1.1"]
        if !request.headers.contains(where: { $0.name.lowercased() == "host" }) {
            lines.append("Host: \(host):\(check.port)")
        }
        lines += request.headers.map { "\($0.name): \($0.value)" }
        guard lines.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 } }) else { return "" }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    private func connect(_ address: LeanAddress, timeout: Duration) async -> Verdict {
        do {
            try await client.checkConnection(to: address, deadline: timeout)
            return Verdict(passed: true, detail: "connected")
        } catch {
            return Verdict(error)
        }
    }

    private func ask(_ check: ProbeSpec.HTTPCheck, timeout: Duration) async -> Verdict {
        let passes = { (status: Int) in check.statuses.contains { $0.contains(status) } }
        do {
            let response = try await LocalRedirect(client: client, bodyLimit: Self.bodyLimit, cutsLongBody: true)
                .execute(Self.request(for: check), deadline: timeout, isFinal: passes)
            let status = StatusLine.text(response.status)
            guard !passes(response.status) else { return Verdict(passed: true, detail: status) }
            let excerpt = BodyExcerpt.text(response.body)
            return Verdict(passed: false, detail: excerpt.isEmpty ? status : "\(status): \(excerpt)")
        } catch {
            return Verdict(error)
        }
    }

    private static func request(for check: ProbeSpec.HTTPCheck) throws(LeanHTTPError) -> LeanRequest {
        let host = check.host.contains(":") && !check.host.hasPrefix("[") ? "[\(check.host)]" : check.host
        let path = check.path.hasPrefix("/") || check.path.hasPrefix("?") ? check.path : "/" + check.path
        var headers = [(name: "User-Agent", value: "fleet-probe"), (name: "Accept", value: "*/*")]
        headers.removeAll { header in check.headers.keys.contains { $0.lowercased() == header.name.lowercased() } }
        headers += check.headers.sorted { $0.key < $1.key }
            .filter { $0.key.lowercased() != "connection" }
            .map { (name: $0.key, value: $0.value) }
        headers.append((name: "Connection", value: "close"))
        return try LeanRequest(
            method: check.method.uppercased(),
            url: "\(check.scheme)://\(host):\(check.port)\(path)",
            headers: headers
        )
    }
}

/// The beginning of a body on one line, safe to show on a terminal.
enum BodyExcerpt {
    /// The first characters of the first 4 KiB, runs of white space and control characters made a single space.
    static func text(_ body: [UInt8], length: Int = 160) -> String {
        var text = ""
        var isSpacePending = false
        for scalar in String(decoding: body.prefix(4096), as: UTF8.self).unicodeScalars {
            guard !isBlank(scalar) else {
                isSpacePending = !text.isEmpty
                continue
            }
            guard text.unicodeScalars.count < length else { return text + "…" }
            if isSpacePending {
                text.unicodeScalars.append(" ")
                isSpacePending = false
            }
            text.unicodeScalars.append(scalar)
        }
        return text
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator:
            true
        default:
            false
        }
    }
}
