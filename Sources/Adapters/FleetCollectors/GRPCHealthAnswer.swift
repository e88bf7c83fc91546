import NIOCore
import NIOHTTP1
import ProtobufWire

/// Puts together what a server answers to one call of `grpc.health.v1.Health/Check` and judges it. Pure.
///
/// Sources: grpc/doc/PROTOCOL-HTTP2.md, grpc/doc/health-checking.md, grpc/doc/statuscodes.md.
struct GRPCHealthAnswer {
    struct Verdict: Hashable {
        var passed: Bool
        var detail: String
    }

    /// A health answer has seven bytes; what is longer is none.
    private static let bodyLimit = 4_096
    private static let frameHead = 5

    let service: String
    private var status: Int?
    private var contentType = ""
    private var result: (code: Int?, text: String, message: String)?
    private var body: [UInt8] = []
    private var isTooLong = false

    init(service: String) { self.service = service }

    mutating func head(_ status: Int, _ headers: HTTPHeaders) {
        self.status = status
        contentType = headers.first(name: "content-type") ?? ""
        // Without a message, the status comes here and nothing follows ("trailers only").
        take(headers)
    }

    mutating func data(_ bytes: some Sequence<UInt8>) {
        guard !isTooLong else { return }
        body.append(contentsOf: bytes)
        isTooLong = body.count > Self.bodyLimit
    }

    mutating func trailers(_ headers: HTTPHeaders?) { if let headers { take(headers) } }

    private mutating func take(_ headers: HTTPHeaders) {
        guard let text = headers.first(name: "grpc-status") else { return }
        result = (Int(text), text, headers.first(name: "grpc-message") ?? "")
    }

    // MARK: The verdict

    /// Once the stream has ended.
    var verdict: Verdict {
        guard let status else { return failed("connection closed without an answer") }
        guard status == 200 else { return failed("HTTP \(StatusLine.text(status)), not a gRPC answer") }
        guard result != nil || contentType.hasPrefix("application/grpc") else {
            let type = contentType.isEmpty ? "no content type" : BodyExcerpt.text(Array(contentType.utf8), length: 60)
            return failed("not a gRPC answer: \(type)")
        }
        guard let result else { return failed("the answer ended without a grpc-status") }
        guard result.code == 0 else { return failed(sentence(result.code, result.text, result.message)) }
        if isTooLong { return failed("the health answer is longer than \(Self.bodyLimit) bytes") }
        return servingVerdict
    }

    private var servingVerdict: Verdict {
        guard let message = Self.message(in: body), let state = Self.state(in: message) else {
            return failed("the health answer is not understood")
        }
        switch state {
        case 1: return Verdict(passed: true, detail: "SERVING")
        case 0: return failed("UNKNOWN: the service does not say how it is")
        case 2: return failed("NOT_SERVING")
        case 3: return failed("SERVICE_UNKNOWN: \(name) is not known to the health service")
        default: return failed("health status \(state)")
        }
    }

    private func failed(_ detail: String) -> Verdict { Verdict(passed: false, detail: detail) }

    private var name: String { service.isEmpty ? "the server" : "service \"\(service)\"" }

    private func sentence(_ code: Int?, _ text: String, _ message: String) -> String {
        let said = BodyExcerpt.text(Self.unescaped(message))
        switch code {
        case 12: return "UNIMPLEMENTED: no health service" + (said.isEmpty ? "" : " (\(said))")
        case 5: return "NOT_FOUND: \(name) is not known to the health service"
        default:
            let excerpt = BodyExcerpt.text(Array(text.utf8), length: 20)
            let status = code.flatMap { Self.names[$0] } ?? "grpc-status \(excerpt)"
            return status + (said.isEmpty ? "" : ": \(said)")
        }
    }

    /// One length-prefixed message that is not compressed; anything behind it is of no interest.
    private static func message(in body: [UInt8]) -> ArraySlice<UInt8>? {
        guard body.count >= frameHead, body[0] == 0 else { return nil }
        let length = body[1..<frameHead].reduce(0) { $0 << 8 | Int($1) }
        guard length <= body.count - frameHead else { return nil }
        return body[frameHead..<frameHead + length]
    }

    /// `HealthCheckResponse.status`; proto3 leaves out a zero.
    private static func state(in message: ArraySlice<UInt8>) -> UInt64? {
        message.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            var state: UInt64 = 0
            do {
                while let field = try reader.next() {
                    if field.number == 1 { state = try field.value.unsigned() }
                }
            } catch {
                return nil
            }
            return state
        }
    }

    /// `grpc-message` is percent-encoded UTF-8; what is not well encoded stays as it is.
    private static func unescaped(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let isEscape = bytes[index] == UInt8(ascii: "%") && index + 2 < bytes.count
            let digits = isEscape ? String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self) : ""
            if isEscape, digits.allSatisfy(\.isHexDigit), let byte = UInt8(digits, radix: 16) {
                result.append(byte)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    private static let names: [Int: String] = [
        1: "CANCELLED", 2: "UNKNOWN", 3: "INVALID_ARGUMENT", 4: "DEADLINE_EXCEEDED", 5: "NOT_FOUND",
        6: "ALREADY_EXISTS",
        7: "PERMISSION_DENIED", 8: "RESOURCE_EXHAUSTED", 9: "FAILED_PRECONDITION", 10: "ABORTED", 11: "OUT_OF_RANGE",
        12: "UNIMPLEMENTED", 13: "INTERNAL", 14: "UNAVAILABLE", 15: "DATA_LOSS", 16: "UNAUTHENTICATED",
    ]

    // MARK: The question

    /// `HealthCheckRequest` with its length in front.
    static func request(for service: String) -> [UInt8] {
        var writer = WireWriter()
        if !service.isEmpty { writer.string(1, service) }
        let message = writer.bytes
        let length = UInt32(clamping: message.count)
        return [0] + withUnsafeBytes(of: length.bigEndian) { Array($0) } + message
    }

    /// At most eight digits and a unit.
    static func timeoutHeader(_ timeout: Duration) -> String {
        let (seconds, attoseconds) = timeout.components
        guard seconds < 99_999 else { return "\(min(seconds, 99_999_999))S" }
        return "\(max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000))m"
    }
}
