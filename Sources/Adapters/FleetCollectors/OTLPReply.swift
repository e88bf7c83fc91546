import FleetEngine

/// An answer of the receiver, in the encoding of the request.
struct OTLPReply: Error, Hashable {
    /// The refusals, with the code that google.rpc.Status wants beside the HTTP status.
    enum Refusal: Hashable {
        case malformed, notFound, methodNotAllowed, tooLarge, unsupportedMediaType, overloaded

        var status: Int {
            switch self {
            case .malformed: 400
            case .notFound: 404
            case .methodNotAllowed: 405
            case .tooLarge: 413
            case .unsupportedMediaType: 415
            case .overloaded: 503
            }
        }

        /// google.rpc.Code.
        fileprivate var code: UInt8 {
            switch self {
            case .malformed, .unsupportedMediaType: 3
            case .notFound: 5
            case .methodNotAllowed: 12
            case .tooLarge: 8
            case .overloaded: 14
            }
        }
    }

    let status: Int
    let contentType: String
    var headers: [(name: String, value: String)] {
        switch status {
        case 405: [("Allow", "POST")]
        case 503: [("Retry-After", "1")]
        default: []
        }
    }
    let body: [UInt8]

    /// 200: an Export…ServiceResponse, with `partial_success` when the receipt has something to say.
    static func accepted(_ receipt: TelemetryReceipt, _ signal: TelemetrySignal, in encoding: TelemetryEncoding) -> Self
    {
        let saysSomething = receipt.rejected > 0 || !receipt.message.isEmpty
        switch encoding {
        case .protobuf:
            // Field 1 of the three responses, with the fields 1 and 2 of the three partial successes.
            var partial: [UInt8] = []
            if receipt.rejected > 0 {
                partial += [0x08] + varint(receipt.rejected)
            }
            partial += lengthDelimited(0x12, Array(receipt.message.utf8))
            return Self(
                status: 200,
                contentType: contentType(encoding),
                body: saysSomething ? lengthDelimited(0x0A, partial) : []
            )
        case .json:
            guard saysSomething else {
                return Self(status: 200, contentType: contentType(encoding), body: Array("{}".utf8))
            }
            let name =
                switch signal {
                case .traces: "rejectedSpans"
                case .metrics: "rejectedDataPoints"
                case .logs: "rejectedLogRecords"
                }
            // A 64-bit integer is a string in protobuf's JSON.
            let partial = #"{"\#(name)":"\#(receipt.rejected)","errorMessage":\#(quoted(receipt.message))}"#
            return Self(
                status: 200,
                contentType: contentType(encoding),
                body: Array(#"{"partialSuccess":\#(partial)}"#.utf8)
            )
        }
    }

    /// A google.rpc.Status, or plain text when the request had no encoding we know.
    static func refusal(_ refusal: Refusal, _ message: String, in encoding: TelemetryEncoding?) -> Self {
        let body: [UInt8]
        switch encoding {
        case .protobuf:
            body = [0x08, refusal.code] + lengthDelimited(0x12, Array(message.utf8))
        case .json:
            body = Array(#"{"code":\#(refusal.code),"message":\#(quoted(message))}"#.utf8)
        case nil:
            body = Array((message + "\n").utf8)
        }
        return Self(status: refusal.status, contentType: contentType(encoding), body: body)
    }

    private static func contentType(_ encoding: TelemetryEncoding?) -> String {
        switch encoding {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        case nil: "text/plain; charset=utf-8"
        }
    }

    private static func lengthDelimited(_ key: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        bytes.isEmpty ? [] : [key] + varint(bytes.count) + bytes
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var rest = UInt(max(0, value))
        var bytes: [UInt8] = []
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                quoted += "\\\(scalar)"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default:
                quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
