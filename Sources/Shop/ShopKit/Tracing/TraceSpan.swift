import Synchronization
package import Tracing

/// What a span was for; the OTLP span kinds.
package enum SpanRole: UInt64, Sendable {
    case `internal` = 1
    case server = 2
    case client = 3
    case producer = 4
    case consumer = 5
}

/// A finished span, ready to be exported.
package struct FinishedSpan: Sendable {
    package var context: SpanContext
    package var parent: SpanID?
    package var role: SpanRole
    package var name: String
    package var start: UInt64
    package var end: UInt64 = 0
    package var attributes = SpanAttributes()
    package var events: [SpanEvent] = []
    package var links: [SpanContext] = []
    /// The reason, when the span failed.
    package var failure: String?
}

/// One running span. Ending it hands it to the tracer's sink; anything recorded later is ignored.
package final class TraceSpan: Sendable {
    private struct State {
        var span: FinishedSpan
        var isEnded = false
    }

    /// Attributes, events and links beyond this many each are not kept (the SDK specification's default limit).
    private static let limit = 128

    package let spanContext: SpanContext
    package let serviceContext: ServiceContext
    private let state: Mutex<State>
    private let sink: @Sendable (FinishedSpan) -> Void

    init(_ span: FinishedSpan, in context: ServiceContext, sink: @escaping @Sendable (FinishedSpan) -> Void) {
        self.spanContext = span.context
        var context = context
        context.spanContext = span.context
        self.serviceContext = context
        self.state = Mutex(State(span: span))
        self.sink = sink
    }

    package func set(_ key: String, _ value: String) { set(key, .string(value)) }
    package func set(_ key: String, _ value: Int) { set(key, .int64(Int64(value))) }
    package func set(_ key: String, _ value: Double) { set(key, .double(value)) }
    package func set(_ key: String, _ value: Bool) { set(key, .bool(value)) }

    private func set(_ key: String, _ value: SpanAttribute) {
        update { $0.attributes[key] = value }
    }

    /// Marks the span as failed, with a sentence saying why.
    package func fail(_ reason: String) {
        update { $0.failure = reason }
    }

    package func event(_ name: String, _ attributes: [String: String] = [:]) {
        var converted = SpanAttributes()
        for (key, value) in attributes { converted[key] = SpanAttribute.string(value) }
        addEvent(SpanEvent(name: name, attributes: converted))
    }

    private func update(_ change: (inout FinishedSpan) -> Void) {
        state.withLock { state in
            if !state.isEnded { change(&state.span) }
        }
    }

    private func finish(at end: UInt64) {
        let finished = state.withLock { state -> FinishedSpan? in
            guard !state.isEnded else { return nil }
            state.isEnded = true
            state.span.end = max(end, state.span.start)
            return state.span
        }
        if let finished, finished.context.isSampled { sink(finished) }
    }
}

extension TraceSpan: Tracing.Span {
    package var context: ServiceContext { serviceContext }
    package var isRecording: Bool { state.withLock { !$0.isEnded } }

    package var operationName: String {
        get { state.withLock { $0.span.name } }
        set { update { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.span.attributes } }
        set { update { $0.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) {
        if status.code == .error { fail(status.message ?? "error") }
    }

    package func addEvent(_ event: SpanEvent) {
        update { span in
            if span.events.count < Self.limit { span.events.append(event) }
        }
    }

    package func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        var attributes = attributes
        attributes["exception.type"] = SpanAttribute.string("\(type(of: error))")
        attributes["exception.message"] = SpanAttribute.string("\(error)")
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    package func addLink(_ link: SpanLink) {
        guard let context = link.context.spanContext else { return }
        update { span in
            if span.links.count < Self.limit { span.links.append(context) }
        }
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        finish(at: instant().nanosecondsSinceEpoch)
    }
}
