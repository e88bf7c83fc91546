import Foundation
import LinearRegex
import Testing

@testable import FleetLogs

/// RE2's own table of searches, as the Go project carries it.
struct RegexOracleTests {
    @Test(.enabled(if: ThirdPartyData.has("regex/re2-search.txt"), "third-party test data is not here"))
    func `lines match exactly when RE2 says so`() throws {
        let table = String(decoding: try ThirdPartyData.data("regex/re2-search.txt"), as: UTF8.self)
        var strings: [String] = []
        var isReadingStrings = false
        var matcher: LineExpression?
        var pattern = ""
        var row = 0
        var checked = 0
        var unsupported: [String] = []
        for line in table.split(separator: "\n").map(String.init) {
            if line.hasPrefix("#") { continue }
            if line == "strings" || line == "regexps" {
                isReadingStrings = line == "strings"
                if isReadingStrings { strings = [] }
            } else if line.hasPrefix("\"") {
                let text = try #require(Self.unquoted(line))
                if isReadingStrings {
                    strings.append(text)
                } else {
                    pattern = text
                    matcher = (try? LinearRegex(text, anchoring: .anywhere)).map { LineExpression($0) }
                    if matcher == nil { unsupported.append(text) }
                    row = 0
                }
            } else if row < strings.count, line.contains(";") {
                let text = strings[row]
                row += 1
                // The second column is a search anywhere. Lines hold no newlines, so what the flags say of them is left out.
                guard matcher != nil, !text.contains("\n") else { continue }
                let expected = line.split(separator: ";", omittingEmptySubsequences: false)[1] != "-"
                let found = text.withBytes { matcher?.matches($0) }
                #expect(found == expected, "/\(pattern)/ on \(text.debugDescription)")
                checked += 1
            }
        }
        #expect(checked > 1000)
        // Single bytes are no characters.
        #expect(unsupported.allSatisfy { $0.contains("\\C") }, "\(unsupported)")
    }

    /// Go's string literals.
    private static func unquoted(_ literal: String) -> String? {
        var bytes: [UInt8] = []
        let body = Array(literal.utf8.dropFirst().dropLast())
        var index = 0
        while index < body.count {
            guard body[index] == UInt8(ascii: "\\"), index + 1 < body.count else {
                bytes.append(body[index])
                index += 1
                continue
            }
            let escape = body[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "a"): bytes.append(7)
            case UInt8(ascii: "f"): bytes.append(12)
            case UInt8(ascii: "v"): bytes.append(11)
            case UInt8(ascii: "x"):
                guard let byte = UInt8(String(decoding: body[index..<(index + 2)], as: UTF8.self), radix: 16) else {
                    return nil
                }
                bytes.append(byte)
                index += 2
            default: bytes.append(escape)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
