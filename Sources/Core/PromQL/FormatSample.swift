/// A sample value as the HTTP API and `count_values` write it: Go's `FormatFloat(value, 'f', -1, 64)`, the shortest
/// decimal that reads back the same, never with an exponent; `+Inf`, `-Inf`, `NaN`.
package func formatSample(_ value: Double) -> String {
    guard !value.isNaN else { return "NaN" }
    guard value.isFinite else { return value < 0 ? "-Inf" : "+Inf" }
    // The standard library gives the shortest digits, with an exponent where it likes.
    let text = value.description
    guard let mark = text.firstIndex(of: "e") else { return text.hasSuffix(".0") ? String(text.dropLast(2)) : text }
    guard let exponent = Int(text[text.index(after: mark)...]) else { return text }
    let sign = text.hasPrefix("-") ? "-" : ""
    let significand = text[..<mark].drop { $0 == "-" }
    let whole = significand.prefix { $0 != "." }
    let fraction = significand.dropFirst(whole.count + 1)
    let digits = whole + (fraction == "0" ? "" : fraction)
    let point = whole.count + exponent
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) }
    return sign + digits.prefix(point) + "." + digits.dropFirst(point)
}
