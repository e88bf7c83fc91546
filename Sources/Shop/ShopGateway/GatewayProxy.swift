import HTTPTypes
import Hummingbird
import LeanHTTP
import ShopKit

/// Passes a request to an instance of its upstream and the answer back.
struct GatewayProxy: Sendable {
    let directory: ServiceDirectory
    let guardian: UpstreamGuard
    let http: OutgoingHTTP
    let tracer: ShopTracer

    func answer(_ incoming: Request, _ context: ShopRequestContext) async throws -> Response {
        guard let match = GatewayRoute.match(incoming.uri.path) else { throw Problem.notFound(incoming.uri.path) }
        context.notes.name(route: match.pattern)
        let upstream = match.route.upstream
        if let wait = guardian.rateLimit(upstream) {
            let seconds = max(1, Int(wait.inSeconds.rounded(.up)))
            throw Problem(
                .tooManyRequests,
                "Too many requests",
                "the rate limit of \(upstream) is reached",
                headers: [.retryAfter: String(seconds)]
            )
        }
        let request = try await outgoing(incoming, context, match)
        let deadline = ContinuousClock.now + match.route.timeout
        do {
            return try await attempt(request, upstream, until: deadline)
        } catch let failure as UpstreamFailure {
            guard failure.isRetryable, Self.isIdempotent(incoming), guardian.mayRetry(upstream) else {
                return try failure.outcome()
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 10...60)))
            do {
                return try await attempt(request, upstream, until: deadline, isRetry: true)
            } catch let failure as UpstreamFailure {
                return try failure.outcome()
            }
        }
    }

    private static func isIdempotent(_ request: Request) -> Bool {
        switch request.method {
        case .get, .head, .put, .delete, .options: true
        default: request.headers[.idempotencyKey] != nil
        }
    }

    private func outgoing(
        _ incoming: Request,
        _ context: ShopRequestContext,
        _ match: GatewayRoute.Match
    ) async throws -> LeanRequest {
        var incoming = incoming
        let body = try await incoming.collectBody(upTo: context.maxUploadSize)
        let query = incoming.uri.query.map { "?\($0)" } ?? ""
        var request = LeanRequest(
            method: incoming.method.rawValue,
            address: .tcp(host: "127.0.0.1", port: 1),
            target: match.path + query,
            body: Array(body.readableBytesView)
        )
        request.headers = [(name: "X-Request-ID", value: context.notes.requestID)]
        for name in [HTTPField.Name.accept, .contentType, .idempotencyKey, .authorization] {
            guard let value = incoming.headers[name] else { continue }
            request.headers.append((name: name.rawName, value: value))
        }
        return request
    }

    /// One call through the breaker.
    private func attempt(
        _ request: LeanRequest,
        _ upstream: String,
        until deadline: ContinuousClock.Instant,
        isRetry: Bool = false
    ) async throws -> Response {
        guard let instance = directory.pick(upstream) else {
            throw Problem.unavailable("no instance of \(upstream) is known")
        }
        guard let permit = guardian.admit(upstream) else {
            let headers: HTTPFields = [.retryAfter: "5"]
            throw Problem(
                .serviceUnavailable,
                "Circuit open",
                "\(upstream) is failing; not asking it",
                headers: headers
            )
        }
        var request = request
        request.address = .tcp(host: instance.host, port: instance.port)
        let rest = max(deadline - .now, .milliseconds(1))
        do {
            let response = try await http.send(request, to: upstream, deadline: rest) { span in
                span.set("circuit_breaker.state", guardian.word(upstream))
                if isRetry { span.set("http.request.resend_count", 1) }
            }
            guardian.finished(upstream, permit, isFailure: response.status >= 500)
            guard response.status < 500 else { throw UpstreamFailure.status(Self.passed(response)) }
            return Self.passed(response)
        } catch let error as LeanHTTPError {
            if error.code == .cancelled {
                guardian.abandoned(upstream, permit)
            } else {
                guardian.finished(upstream, permit, isFailure: true)
            }
            throw UpstreamFailure.noAnswer(upstream, error)
        }
    }

    private static let passedHeaders = ["content-type", "location", "retry-after", "etag", "cache-control"]

    private static func passed(_ answer: LeanResponse) -> Response {
        var headers = HTTPFields()
        for field in answer.headers where passedHeaders.contains(field.name.lowercased()) {
            guard let name = HTTPField.Name(field.name) else { continue }
            headers[name] = name == .location ? "/api" + field.value : field.value
        }
        headers[.contentLength] = String(answer.body.count)
        let body = ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        return Response(status: HTTPResponse.Status(code: answer.status), headers: headers, body: body)
    }
}

/// An upstream that answered badly or not at all.
private enum UpstreamFailure: Error {
    case status(Response)
    case noAnswer(String, LeanHTTPError)

    /// Whether another try may go better: the upstream is overloaded, restarting or gone.
    var isRetryable: Bool {
        switch self {
        case .status(let response): (502...504).contains(response.status.code)
        case .noAnswer(_, let error): error.code == .connectionRefused || error.code == .connectionClosed
        }
    }

    /// What the client gets.
    func outcome() throws -> Response {
        switch self {
        case .status(let response):
            return response
        case .noAnswer(let upstream, let error) where error.code == .timedOut:
            throw Problem(.gatewayTimeout, "Upstream timeout", "\(upstream) did not answer in time")
        case .noAnswer(let upstream, let error):
            throw Problem(.badGateway, "Upstream unreachable", "\(upstream): \(error.description)")
        }
    }
}
