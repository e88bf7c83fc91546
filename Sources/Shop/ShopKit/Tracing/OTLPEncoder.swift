import Tracing

/// Finished spans as the body of an OTLP/HTTP protobuf request: `ExportTraceServiceRequest` of
/// opentelemetry/proto/collector/trace/v1/trace_service.proto.
package struct OTLPEncoder: Sendable {
    private let resource: ProtobufMessage

    /// `resource`: the attributes of the process, `service.name` among them.
    package init(resource attributes: [(key: String, value: String)]) {
        var resource = ProtobufMessage()
        for (key, value) in attributes { resource.message(1, Self.keyValue(key, .string(value))) }
        self.resource = resource
    }

    package func request(_ spans: some Sequence<FinishedSpan>) -> [UInt8] {
        var scope = ProtobufMessage()
        scope.string(1, "shop")
        var scopeSpans = ProtobufMessage()
        scopeSpans.message(1, scope)
        for span in spans { scopeSpans.message(2, Self.message(span)) }
        var resourceSpans = ProtobufMessage()
        resourceSpans.message(1, resource)
        resourceSpans.message(2, scopeSpans)
        var request = ProtobufMessage()
        request.message(1, resourceSpans)
        return request.bytes
    }

    private static func message(_ span: FinishedSpan) -> ProtobufMessage {
        var message = ProtobufMessage()
        message.data(1, bytes(span.context.traceID))
        message.data(2, bytes(span.context.spanID.raw))
        if let parent = span.parent { message.data(4, bytes(parent.raw)) }
        message.string(5, span.name)
        message.varint(6, span.role.rawValue)
        message.fixed64(7, span.start)
        message.fixed64(8, span.end)
        span.attributes.forEach { key, value in message.message(9, keyValue(key, value)) }
        for event in span.events { message.message(11, self.event(event)) }
        for link in span.links { message.message(13, self.link(link)) }
        if let failure = span.failure {
            var status = ProtobufMessage()
            status.string(2, failure)
            status.varint(3, 2)
            message.message(15, status)
        }
        message.fixed32(16, span.context.isSampled ? 1 : 0)
        return message
    }

    private static func event(_ event: SpanEvent) -> ProtobufMessage {
        var message = ProtobufMessage()
        message.fixed64(1, event.nanosecondsSinceEpoch)
        message.string(2, event.name)
        event.attributes.forEach { key, value in message.message(3, keyValue(key, value)) }
        return message
    }

    private static func link(_ context: SpanContext) -> ProtobufMessage {
        var message = ProtobufMessage()
        message.data(1, bytes(context.traceID))
        message.data(2, bytes(context.spanID.raw))
        message.fixed32(6, context.isSampled ? 1 : 0)
        return message
    }

    private static func keyValue(_ key: String, _ value: SpanAttribute) -> ProtobufMessage {
        var any = ProtobufMessage()
        switch value {
        case .string(let text): any.string(1, text)
        case .bool(let flag): any.varint(2, flag ? 1 : 0)
        case .int32(let number): any.varint(3, UInt64(bitPattern: Int64(number)))
        case .int64(let number): any.varint(3, UInt64(bitPattern: number))
        case .double(let number): any.fixed64(4, number.bitPattern)
        case .stringConvertible(let object): any.string(1, object.description)
        // The kit's own spans set scalars only; arrays from elsewhere arrive as their description.
        default: any.string(1, "\(value)")
        }
        var message = ProtobufMessage()
        message.string(1, key)
        message.message(2, any)
        return message
    }

    private static func bytes(_ id: TraceID) -> [UInt8] { bytes(id.high) + bytes(id.low) }

    private static func bytes(_ value: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
    }
}
