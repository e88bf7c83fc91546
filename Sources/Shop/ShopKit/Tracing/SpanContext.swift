package import Tracing

/// Sixteen random bytes that name a trace; never all zero.
package struct TraceID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init?(high: UInt64, low: UInt64) {
        guard high | low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    package static func random() -> Self {
        Self(high: .random(in: 0 ... .max), low: .random(in: 1 ... .max)) ?? .random()
    }

    package var description: String { high.hex + low.hex }
}

/// Eight random bytes that name a span; never all zero.
package struct SpanID: Hashable, Sendable, CustomStringConvertible {
    package let raw: UInt64

    package init?(_ raw: UInt64) {
        guard raw != 0 else { return nil }
        self.raw = raw
    }

    package static func random() -> Self { Self(.random(in: 1 ... .max)) ?? .random() }

    package var description: String { raw.hex }
}

/// Which span of which trace is the current one; what crosses process borders as `traceparent`
/// (W3C Trace Context, level 1).
package struct SpanContext: Hashable, Sendable {
    package let traceID: TraceID
    package let spanID: SpanID
    package var isSampled: Bool

    package init(traceID: TraceID, spanID: SpanID, isSampled: Bool = true) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    package var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// The context of a `traceparent` value, or nil when it is invalid by section 3.2 of the recommendation:
    /// lower-case hexadecimal, no all-zero id, version `ff` refused, version `00` exactly 55 characters long.
    package init?(traceparent: String) {
        let bytes = Array(traceparent.utf8.drop { $0 == 0x20 || $0 == 0x09 })
        let length = bytes.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? 0
        let text = bytes[..<length]
        guard text.count >= 55, text[2] == 0x2d, text[35] == 0x2d, text[52] == 0x2d,
            let version = UInt64(lowerHex: text[0..<2]), version != 0xff,
            version != 0 || text.count == 55, text.count == 55 || text[55] == 0x2d,
            let high = UInt64(lowerHex: text[3..<19]), let low = UInt64(lowerHex: text[19..<35]),
            let span = UInt64(lowerHex: text[36..<52]), let flags = UInt64(lowerHex: text[53..<55]),
            let traceID = TraceID(high: high, low: low), let spanID = SpanID(span)
        else { return nil }
        self.init(traceID: traceID, spanID: spanID, isSampled: flags & 1 == 1)
    }
}

private enum SpanContextKey: ServiceContextKey {
    typealias Value = SpanContext
}

extension ServiceContext {
    /// The span that work in this context belongs to.
    package var spanContext: SpanContext? {
        get { self[SpanContextKey.self] }
        set { self[SpanContextKey.self] = newValue }
    }
}

extension UInt64 {
    /// Sixteen lower-case hexadecimal digits.
    var hex: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The value of up to sixteen lower-case hexadecimal digits; nil for anything else.
    init?(lowerHex digits: ArraySlice<UInt8>) {
        guard !digits.isEmpty, digits.count <= 16 else { return nil }
        self = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: self = self << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: self = self << 4 | UInt64(digit - 0x61 + 10)
            default: return nil
            }
        }
    }
}
