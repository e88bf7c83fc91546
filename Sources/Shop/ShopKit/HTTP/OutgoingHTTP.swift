package import LeanHTTP

/// Requests to other services: a client span each, the trace passed on, a deadline, and metrics.
package struct OutgoingHTTP: Sendable {
    private let client: LeanHTTPClient
    private let tracer: ShopTracer
    private let requests: CounterFamily
    private let durations: HistogramFamily

    package init(client: LeanHTTPClient, tracer: ShopTracer, metrics: MetricRegistry) {
        self.client = client
        self.tracer = tracer
        requests = metrics.counter(
            "http_client_requests_total",
            help: "Requests sent to other services; code is the status, or what went wrong without one.",
            labels: ["method", "peer", "code"]
        )
        durations = metrics.histogram(
            "http_client_request_duration_seconds",
            help: "Time until another service answered, in seconds.",
            labels: ["method", "peer"]
        )
    }

    /// Sends `request` to `peer`, the name of a service, and waits at most `deadline` for the whole answer.
    /// Any status is an answer; only a missing answer is an error.
    package func send(
        _ request: LeanRequest,
        to peer: String,
        deadline: Duration = .seconds(2),
        note: (TraceSpan) -> Void = { _ in }
    ) async throws -> LeanResponse {
        let start = ContinuousClock.now
        return try await tracer.span("\(request.method) \(peer)", .client) { span in
            var request = request
            request.headers.append((name: "traceparent", value: span.spanContext.traceparent))
            describe(request, peer: peer, in: span)
            note(span)
            do throws(LeanHTTPError) {
                let response = try await client.execute(request, deadline: deadline)
                finish(request, peer, String(response.status), since: start)
                span.set("http.response.status_code", response.status)
                if response.status >= 400 {
                    span.set("error.type", String(response.status))
                    span.fail("status \(response.status)")
                }
                return response
            } catch {
                let code = Self.word(error.code)
                finish(request, peer, code, since: start)
                span.set("error.type", code)
                throw error
            }
        }
    }

    private func describe(_ request: LeanRequest, peer: String, in span: TraceSpan) {
        span.set("http.request.method", request.method)
        span.set("peer.service", peer)
        span.set("url.path", String(request.target.prefix { $0 != "?" }))
        if case .tcp(let host, let port) = request.address {
            span.set("server.address", host)
            span.set("server.port", port)
        }
    }

    private func finish(_ request: LeanRequest, _ peer: String, _ code: String, since start: ContinuousClock.Instant) {
        requests.increment(request.method, peer, code)
        durations.observe(request.method, peer, value: (ContinuousClock.now - start).inSeconds)
    }

    private static func word(_ code: LeanHTTPError.Code) -> String {
        switch code {
        case .timedOut: "timeout"
        case .connectionRefused: "refused"
        default: "error"
        }
    }
}
