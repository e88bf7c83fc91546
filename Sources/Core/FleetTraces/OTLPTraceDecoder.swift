import ProtobufWire

/// Decodes `ExportTraceServiceRequest` (opentelemetry-proto, trace/v1) in both encodings of OTLP/HTTP.
package enum OTLPTraceDecoder {
    /// Binary protobuf. Unknown fields are skipped.
    package static func decode(protobuf body: UnsafeRawBufferPointer) throws(TraceDecodeError) -> SpanBatch {
        guard body.count < Int(Int32.max) else { throw TraceDecodeError("the request is too large") }
        var decoder = ProtobufSpans(body)
        do {
            try decoder.request()
        } catch {
            throw TraceDecodeError(error.description)
        }
        return decoder.batch
    }

    package static func decode(protobuf body: [UInt8]) throws(TraceDecodeError) -> SpanBatch {
        var result: Result<SpanBatch, TraceDecodeError> = .failure(TraceDecodeError("empty"))
        body.withUnsafeBytes { bytes in
            result = Result { () throws(TraceDecodeError) in try decode(protobuf: bytes) }
        }
        return try result.get()
    }

    /// OTLP's JSON, which is not protobuf's JSON: ids are hexadecimal, enums are numbers. Names of enums are taken too.
    package static func decode(json body: UnsafeRawBufferPointer) throws(TraceDecodeError) -> SpanBatch {
        guard body.count < Int(Int32.max) else { throw TraceDecodeError("the request is too large") }
        var decoder = JSONSpans(body)
        do {
            try decoder.request()
        } catch {
            throw TraceDecodeError(error.description)
        }
        return decoder.batch
    }

    package static func decode(json body: [UInt8]) throws(TraceDecodeError) -> SpanBatch {
        var result: Result<SpanBatch, TraceDecodeError> = .failure(TraceDecodeError("empty"))
        body.withUnsafeBytes { bytes in
            result = Result { () throws(TraceDecodeError) in try decode(json: bytes) }
        }
        return try result.get()
    }
}
