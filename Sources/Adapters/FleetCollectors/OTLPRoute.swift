import FleetEngine

/// What a request to the receiver is, judged by its head alone (OTLP specification, "OTLP/HTTP Request").
struct OTLPRoute: Sendable, Hashable {
    let signal: TelemetrySignal
    let encoding: TelemetryEncoding
    let coding: ContentCoding

    /// - Parameters:
    ///   - method: The request method.
    ///   - target: Path and query; the query means nothing.
    ///   - contentType: Decides the encoding of the request and of its answer.
    ///   - contentEncoding: How the body is compressed.
    /// - Throws: The answer to a request that cannot be taken.
    init(method: String, target: String, contentType: String?, contentEncoding: String?) throws(OTLPReply) {
        let encoding = Self.encoding(of: contentType)
        let path = target.prefix { $0 != "?" }
        guard path.hasPrefix("/v1/"), let signal = TelemetrySignal(rawValue: String(path.dropFirst(4))) else {
            throw .refusal(
                .notFound,
                "no such path; this is an OTLP receiver for /v1/traces, /v1/metrics and /v1/logs",
                in: encoding
            )
        }
        guard method == "POST" else {
            throw .refusal(.methodNotAllowed, "OTLP requests are POST", in: encoding)
        }
        guard let encoding else {
            throw .refusal(.unsupportedMediaType, "expected application/x-protobuf or application/json", in: nil)
        }
        guard let coding = ContentCoding(header: contentEncoding) else {
            throw .refusal(.unsupportedMediaType, "expected Content-Encoding gzip, deflate or none", in: encoding)
        }
        self.signal = signal
        self.encoding = encoding
        self.coding = coding
    }

    private static func encoding(of contentType: String?) -> TelemetryEncoding? {
        let type = contentType?.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        switch type {
        case "application/x-protobuf":
            return .protobuf
        case "application/json":
            return .json
        default:
            return nil
        }
    }
}
