import GRDB
import HTTPTypes
import Hummingbird
import Logging
import Synchronization
import Tracing

/// The outermost middleware: request id, server span, metrics, one access log line, and a problem document for
/// every error. Health checks and scrapes are answered without leaving a record.
struct ObservingMiddleware: RouterMiddleware {
    typealias Context = ShopRequestContext
    typealias Next = @concurrent (Request, Context) async throws -> Response

    private let tracer: ShopTracer
    private let log: Logger
    private let startsTraces: Bool
    private let requests: CounterFamily
    private let durations: HistogramFamily
    private let inFlight: GaugeFamily

    /// `startsTraces`: whether a request without a `traceparent` begins a trace. A service that does not
    /// is one that machines poll, and logs their successful reads at debug level only.
    init(tracer: ShopTracer, metrics: MetricRegistry, log: Logger, startsTraces: Bool) {
        self.tracer = tracer
        self.log = log
        self.startsTraces = startsTraces
        requests = metrics.counter(
            "http_requests_total",
            help: "Requests answered.",
            labels: ["method", "route", "code"]
        )
        durations = metrics.histogram(
            "http_request_duration_seconds",
            help: "Time to answer a request, in seconds.",
            labels: ["method", "route"]
        )
        inFlight = metrics.gauge("http_requests_in_flight", help: "Requests being answered.")
        inFlight.set(to: 0)
    }

    func handle(
        _ request: Request,
        context: Context,
        next: Next
    ) async throws -> Response {
        if request.uri.path == "/metrics" || request.uri.path.hasPrefix("/health") {
            return await answer(request, context, next)
        }
        let parents = request.headers[values: .traceparent]
        let parent = parents.count == 1 ? SpanContext(traceparent: parents[0]) : nil
        context.notes.content.withLock { $0.requestID = Self.requestID(request) }
        inFlight.add(delta: 1)
        defer { inFlight.add(delta: -1) }
        guard parent != nil || startsTraces else { return await record(request, context, nil, next) }
        return await tracer.span(request.method.rawValue, .server, parent: parent) { span in
            await record(request, context, span, next)
        }
    }

    private func record(
        _ request: Request,
        _ context: Context,
        _ span: TraceSpan?,
        _ next: Next
    ) async -> Response {
        let start = ContinuousClock.now
        var response = await answer(request, context, next)
        let notes = context.notes.content.withLock { $0 }
        let elapsed = (ContinuousClock.now - start - notes.waited).inSeconds
        let route = notes.route ?? Self.route(context)
        let method = Self.knownMethods.contains(request.method) ? request.method.rawValue : "OTHER"
        requests.increment(method, route, String(response.status.code))
        durations.observe(method, route, value: elapsed)
        response.headers[.requestID] = notes.requestID
        if let span { describe(request, response, route: route, method: method, in: span) }
        log.log(
            level: level(request, response.status.code),
            "\(request.method) \(request.uri.path) \(response.status.code)",
            metadata: [
                "method": "\(request.method)", "path": "\(request.uri.path)", "route": "\(route)",
                "status": .stringConvertible(response.status.code),
                "duration_ms": .stringConvertible((elapsed * 1e5).rounded() / 100),
                "request_id": "\(notes.requestID)",
            ]
        )
        return response
    }

    /// Machines that read all the time are not worth a line each; what they change, and what fails, is.
    private func level(_ request: Request, _ code: Int) -> Logger.Level {
        if code >= 500 { return .warning }
        return !startsTraces && request.method == .get && code < 400 ? .debug : .info
    }

    private func describe(
        _ request: Request,
        _ response: Response,
        route: String,
        method: String,
        in span: TraceSpan
    ) {
        span.operationName = "\(method) \(route)"
        span.set("http.request.method", method)
        span.set("http.route", route)
        span.set("url.path", request.uri.path)
        if let query = request.uri.query, !query.isEmpty { span.set("url.query", query) }
        span.set("http.response.status_code", response.status.code)
        // Only the server's own failures fail a server span; a client's mistake does not.
        guard response.status.code >= 500 else { return }
        span.set("error.type", String(response.status.code))
        span.fail("status \(response.status.code)")
    }

    /// Runs the handler; whatever it throws becomes a problem document.
    private func answer(
        _ request: Request,
        _ context: Context,
        _ next: Next
    ) async -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = problem(for: error)
            let response = try? problem.response(from: request, context: context)
            return response ?? Response(status: problem.status)
        }
    }

    private func problem(for error: any Error) -> Problem {
        switch error {
        case let problem as Problem:
            return problem
        case let error as HTTPError:
            let title = error.status.reasonPhrase
            return Problem(error.status, title, error.body ?? title, headers: error.headers)
        case let error as any HTTPResponseError where error.status == .contentTooLarge:
            return Problem(error.status, "Body too large", "the body of this request may not be that large")
        case let error as any HTTPResponseError:
            return Problem(error.status, error.status.reasonPhrase, "\(error)")
        case let error as DatabaseError:
            log.error("database error", metadata: ["cause": "\(error)"])
            let isBusy = [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode)
            return isBusy
                ? .unavailable("the database is busy")
                : Problem(.internalServerError, "Database error", "the database could not do this")
        case is CancellationError:
            return .unavailable("the service is stopping")
        default:
            log.error("request failed", metadata: ["cause": "\(error)"])
            return Problem(.internalServerError, "Internal error", "the request could not be completed")
        }
    }

    private static let knownMethods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .patch, .options]

    private static func route(_ context: Context) -> String {
        switch context.endpointPath {
        case nil, "NotFound": "unmatched"
        case .some(let path): path
        }
    }

    /// The client's id when it is short and printable, else a new one.
    private static func requestID(_ request: Request) -> String {
        if let id = request.headers[.requestID], (1...64).contains(id.utf8.count),
            id.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        {
            return id
        }
        return SpanID.random().description
    }
}
