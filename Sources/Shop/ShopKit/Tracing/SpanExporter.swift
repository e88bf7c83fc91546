import LeanHTTP
import Logging
import Synchronization

/// Sends finished spans to an OTLP/HTTP collector in batches. Requests never wait for it: the queue is bounded,
/// and what does not fit or cannot be delivered is dropped and counted in `otel_spans_dropped_total`.
final class SpanExporter: Sendable {
    private static let queueLimit = 8192
    private static let batchLimit = 512
    private static let interval = Duration.milliseconds(500)

    private let queue = Mutex<[FinishedSpan]>([])
    private let encoder: OTLPEncoder
    private let endpoint: Endpoint?
    private let client: LeanHTTPClient
    private let log: Logger
    private let exported: CounterFamily
    private let dropped: CounterFamily

    /// `endpoint`: the collector; without one, spans are discarded without being counted as lost.
    init(
        endpoint: Endpoint?,
        encoder: OTLPEncoder,
        client: LeanHTTPClient,
        metrics: MetricRegistry,
        log: Logger
    ) {
        self.endpoint = endpoint
        self.encoder = encoder
        self.client = client
        self.log = log
        self.exported = metrics.counter("otel_spans_exported_total", help: "Spans accepted by the collector.")
        self.dropped = metrics.counter(
            "otel_spans_dropped_total",
            help: "Spans lost because the queue was full or the collector did not take them.",
            labels: ["reason"]
        )
    }

    func enqueue(_ span: FinishedSpan) {
        guard endpoint != nil else { return }
        let isFull = queue.withLock { queue in
            guard queue.count < Self.queueLimit else { return true }
            queue.append(span)
            return false
        }
        if isFull { dropped.increment("queue_full") }
    }

    /// Exports until the service stops, then once more.
    func run() async {
        guard endpoint != nil else { return await Pause.untilStopped() }
        var isReachable = true
        while await Pause.sleep(for: Self.interval) {
            isReachable = await flush(wasReachable: isReachable)
        }
        _ = await flush(wasReachable: isReachable)
    }

    /// Sends what is queued; says once when the collector goes away, and once when it is back.
    private func flush(wasReachable: Bool) async -> Bool {
        var isReachable = wasReachable
        while let batch = takeBatch() {
            let failure = await send(batch)
            if let failure {
                dropped.increment("unreachable", by: Double(batch.count))
                if isReachable { log.warning("collector does not take spans", metadata: ["cause": "\(failure)"]) }
                return false
            }
            exported.increment(by: Double(batch.count))
            if !isReachable { log.info("collector takes spans again") }
            isReachable = true
        }
        return isReachable
    }

    private func takeBatch() -> [FinishedSpan]? {
        queue.withLock { queue in
            guard !queue.isEmpty else { return nil }
            let batch = Array(queue.prefix(Self.batchLimit))
            queue.removeFirst(batch.count)
            return batch
        }
    }

    /// The reason the batch was not accepted, or nil.
    private func send(_ batch: [FinishedSpan]) async -> String? {
        guard let endpoint else { return nil }
        let request = LeanRequest(
            method: "POST",
            address: .tcp(host: endpoint.host, port: endpoint.port),
            target: "/v1/traces",
            headers: [(name: "Content-Type", value: "application/x-protobuf")],
            body: encoder.request(batch)
        )
        do {
            let response = try await client.execute(request, deadline: .seconds(2))
            return response.status == 200 ? nil : "status \(response.status)"
        } catch {
            return error.description
        }
    }
}
