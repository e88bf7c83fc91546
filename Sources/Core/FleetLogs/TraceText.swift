/// Trace and span ids as loggers write them, brought to lower-case hexadecimal of full length.
enum TraceText {
    /// 32 digits, with or without a UUID's dashes; 16 digits (64-bit ids) are padded; Datadog prints decimal numbers;
    /// Google prints `projects/p/traces/ID`.
    static func traceID(_ text: String, isDatadog: Bool) -> String? {
        if isDatadog, text.utf8.allSatisfy(\.isDigit), let number = UInt64(text), number != 0 {
            return padded(String(number, radix: 16), to: 32)
        }
        var digits = Array(text.utf8.suffix(40))
        if let slash = digits.lastIndex(of: UInt8(ascii: "/")) { digits.removeFirst(slash + 1) }
        digits.removeAll { $0 == UInt8(ascii: "-") }
        guard digits.count == 32 || digits.count == 16, digits.allSatisfy(\.isHexDigit),
            digits.contains(where: { $0 != UInt8(ascii: "0") })
        else { return nil }
        return padded(String(decoding: digits, as: UTF8.self).lowercased(), to: 32)
    }

    static func spanID(_ text: String, isDatadog: Bool) -> String? {
        if isDatadog, text.utf8.allSatisfy(\.isDigit), let number = UInt64(text), number != 0 {
            return padded(String(number, radix: 16), to: 16)
        }
        let digits = text.utf8
        guard digits.count == 16, digits.allSatisfy(\.isHexDigit), digits.contains(where: { $0 != UInt8(ascii: "0") })
        else { return nil }
        return text.lowercased()
    }

    /// W3C trace context: `version-trace-parent-flags`; only what a log line needs of it.
    static func traceparent(_ text: String) -> (trace: String, span: String)? {
        let parts = text.split(separator: "-", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].utf8.count == 2, parts[1].utf8.count == 32,
            let trace = traceID(String(parts[1]), isDatadog: false),
            let span = spanID(String(parts[2]), isDatadog: false)
        else { return nil }
        return (trace, span)
    }

    private static func padded(_ digits: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
