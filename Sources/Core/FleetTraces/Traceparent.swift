package import FleetModel

/// The `traceparent` header (W3C trace context, level 2, section 3.2).
package struct Traceparent: Hashable, Sendable {
    package let trace: TraceID
    package let parent: SpanID
    package let flags: UInt8

    package var isSampled: Bool { flags & 1 != 0 }

    /// Blanks around the header are ignored. Version 00 is exactly 55 characters, higher versions may go on after
    ///   another dash, version ff is invalid, and so are upper-case digits and ids that are all zero.
    package static func parse(_ header: some StringProtocol) -> Traceparent? {
        var bytes = Array(header.utf8)[...]
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        let text = Array(bytes)
        guard text.count >= 55, text[2] == 0x2D, text[35] == 0x2D, text[52] == 0x2D,
            let version = number(text[0..<2]), version != 0xFF,
            let high = number(text[3..<19]), let low = number(text[19..<35]),
            let parent = number(text[36..<52]), let flags = number(text[53..<55])
        else { return nil }
        guard text.count == 55 || version != 0 && text[55] == 0x2D else { return nil }
        let trace = TraceID(high: high, low: low)
        guard trace.isValid, parent != 0 else { return nil }
        return Traceparent(trace: trace, parent: SpanID(parent), flags: UInt8(truncatingIfNeeded: flags))
    }

    /// Of all the headers of a request: two of them are as good as none (section 3.2.3).
    package static func parse(headers: [(name: String, value: String)]) -> Traceparent? {
        let found = headers.filter { $0.name.lowercased() == "traceparent" }
        return found.count == 1 ? parse(found[0].value) : nil
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard !digits.contains(where: { (65...90).contains($0) }) else { return nil }
        return Hex.value(digits)
    }
}
