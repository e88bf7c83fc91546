package import FleetModel

/// Spans of one request, decoded but not yet stored. Text stays bytes: a slice of `text`, which begins with the request's body.
/// A value, so that a receiver decodes on its own thread and hands the result over.
package struct SpanBatch: Sendable {
    /// A part of `text`. The text may not be valid UTF-8; whoever makes a `String` of it repairs it.
    package struct Slice: Hashable, Sendable {
        package var offset: UInt32 = 0
        package var length: UInt32 = 0

        package static let empty = Slice()
    }

    package enum Value: Hashable, Sendable {
        case text(Slice)
        case int(Int64)
        case double(Double)
        case bool(Bool)
        case bytes(Slice)
        /// An array or a map, as JSON.
        case composite(Slice)
        case empty
    }

    package struct Attribute: Hashable, Sendable {
        package var key: Slice
        package var value: Value
    }

    package struct Event: Hashable, Sendable {
        package var name: Slice = .empty
        /// Nanoseconds since 1970.
        package var time: Int64 = 0
        package var attributes: Range<Int> = 0..<0
    }

    package struct Link: Hashable, Sendable {
        package var trace: TraceID
        package var span: SpanID
    }

    package struct Resource: Hashable, Sendable {
        package var attributes: Range<Int> = 0..<0
    }

    package struct Span: Sendable {
        package var trace = TraceID(high: 0, low: 0)
        package var id = SpanID.none
        package var parent = SpanID.none
        package var name: Slice = .empty
        package var kind = SpanKind.unspecified
        package var status = SpanStatus.unset
        package var statusMessage: Slice = .empty
        /// Nanoseconds since 1970.
        package var start: Int64 = 0
        package var end: Int64 = 0
        package var resource = 0
        package var scope: Slice = .empty
        package var attributes: Range<Int> = 0..<0
        package var events: Range<Int> = 0..<0
        package var links: Range<Int> = 0..<0
    }

    package internal(set) var text: [UInt8] = []
    package internal(set) var spans: [Span] = []
    package internal(set) var resources: [Resource] = []
    package internal(set) var attributes: [Attribute] = []
    package internal(set) var events: [Event] = []
    package internal(set) var links: [Link] = []
    /// Spans left out because an id was missing, zero or of the wrong length.
    package internal(set) var rejectedSpans = 0
    /// Attributes, events and links left out because a span had more than `DecodeLimits` allows.
    package internal(set) var droppedParts = 0

    init() {}

    package func string(_ slice: Slice) -> String {
        let start = Int(slice.offset)
        let end = start + Int(slice.length)
        guard end <= text.count else { return "" }
        return String(decoding: text[start..<end], as: UTF8.self)
    }
}

/// How much one span may carry; more is left out and counted.
enum DecodeLimits {
    static let attributes = 128
    static let events = 256
    static let links = 128
    /// Arrays and maps within each other.
    static let depth = 16
    /// Bytes of one attribute's text.
    static let textLength = 16_384
}

/// Why a request cannot be decoded; the client is told with status 400 and must not send it again.
package struct TraceDecodeError: Error, Hashable, Sendable, CustomStringConvertible {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }

    package var description: String { reason }
}

extension SpanBatch {
    mutating func append(_ bytes: [UInt8]) -> Slice {
        let kept = bytes.prefix(DecodeLimits.textLength)
        let slice = Slice(
            offset: UInt32(truncatingIfNeeded: text.count),
            length: UInt32(truncatingIfNeeded: kept.count)
        )
        text.append(contentsOf: kept)
        return slice
    }
}
