package import Tracing

/// Starts spans and hands the finished ones to a sink. A swift-distributed-tracing back-end; the current span
/// travels in the task-local `ServiceContext`.
package struct ShopTracer: Sendable {
    private let sink: @Sendable (FinishedSpan) -> Void

    package init(sink: @escaping @Sendable (FinishedSpan) -> Void) {
        self.sink = sink
    }

    /// The span that the calling task works in, if any.
    package static var current: SpanContext? { ServiceContext.current?.spanContext }

    /// Runs `body` inside a new span. An error that leaves `body` fails the span and is thrown on.
    ///
    /// `parent`: the span to continue; the calling task's span when nil, and a new trace when there is none.
    /// `links`: spans this one relates to without being their child, such as the publisher of a consumed message.
    package func span<T>(
        _ name: String,
        _ role: SpanRole = .internal,
        parent: SpanContext? = nil,
        links: [SpanContext] = [],
        _ body: (TraceSpan) async throws -> T
    ) async rethrows -> T {
        let span = start(name, role, parent: parent, links: links)
        defer { span.end() }
        do {
            return try await ServiceContext.$current.withValue(span.serviceContext) {
                try await body(span)
            }
        } catch {
            span.recordError(error)
            span.fail("\(error)")
            throw error
        }
    }

    /// Like `span`, but only where a trace is already under way: polling loops and probes start none.
    package func spanIfTraced<T>(
        _ name: String,
        _ role: SpanRole = .internal,
        _ body: (TraceSpan?) async throws -> T
    ) async rethrows -> T {
        guard Self.current != nil else { return try await body(nil) }
        return try await span(name, role) { try await body($0) }
    }

    private func start(_ name: String, _ role: SpanRole, parent: SpanContext?, links: [SpanContext]) -> TraceSpan {
        let context = ServiceContext.current ?? .topLevel
        let parent = parent ?? context.spanContext
        var span = FinishedSpan(
            context: SpanContext(
                traceID: parent?.traceID ?? .random(),
                spanID: .random(),
                isSampled: parent?.isSampled ?? true
            ),
            parent: parent?.spanID,
            role: role,
            name: name,
            start: WallClock.nanoseconds
        )
        span.links = links
        return TraceSpan(span, in: context, sink: sink)
    }
}

extension ShopTracer: Tracer {
    package func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> TraceSpan {
        let context = context()
        let span = FinishedSpan(
            context: SpanContext(traceID: context.spanContext?.traceID ?? .random(), spanID: .random()),
            parent: context.spanContext?.spanID,
            role: Self.role(kind),
            name: operationName,
            start: instant().nanosecondsSinceEpoch
        )
        return TraceSpan(span, in: context, sink: sink)
    }

    package func startAnySpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> any Tracing.Span {
        startSpan(
            operationName,
            context: context(),
            ofKind: kind,
            at: instant(),
            function: function,
            file: fileID,
            line: line
        )
    }

    /// Finished spans are handed over at once; the exporter flushes when it stops.
    package func forceFlush() {}

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout ServiceContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let value = extractor.extract(key: "traceparent", from: carrier) else { return }
        if let parent = SpanContext(traceparent: value) { context.spanContext = parent }
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext else { return }
        injector.inject(span.traceparent, forKey: "traceparent", into: &carrier)
    }

    private static func role(_ kind: SpanKind) -> SpanRole {
        switch kind {
        case .server: .server
        case .client: .client
        case .producer: .producer
        case .consumer: .consumer
        default: .internal
        }
    }
}
