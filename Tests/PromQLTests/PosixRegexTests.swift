import LinearRegex
import Testing

/// The tables of AT&T's testregex, as the Go project carries them.
@Suite struct PosixRegexTests {
    private struct Row {
        var pattern: String
        var text: String
        /// `(0,1)…`, `NOMATCH`, or the name of an error.
        var expected: String
    }

    @Test(
        .enabled(if: TestData.has("regex/basic.dat"), "needs FLEET_TESTDATA"),
        arguments: ["basic", "nullsubexpr", "repetition"]
    )
    func `texts match exactly when AT&T's tables say so`(name: String) throws {
        guard TestData.has("regex/\(name).dat") else { return }
        let rows = try Self.rows(String(decoding: TestData.bytes("regex/\(name).dat"), as: UTF8.self))
        #expect(rows.count > 30)
        for row in rows {
            guard row.expected.hasPrefix("(") || row.expected == "NOMATCH" else {
                #expect(throws: RegexError.self, "\(row)") { try LinearRegex(row.pattern, anchoring: .anywhere) }
                continue
            }
            let regex = try LinearRegex(row.pattern, anchoring: .anywhere)
            let isExpected = row.expected != "NOMATCH"
            #expect(regex.matches(row.text) == isExpected, "\(row)")
            #expect((regex.firstMatch(in: Array(row.text.utf8)) != nil) == isExpected, "\(row)")
        }
    }

    /// Columns stand between tabs: flags, expression, text, result. Only extended expressions (`E`) are ours.
    private static func rows(_ table: String) -> [Row] {
        var rows: [Row] = []
        var before = ""
        for line in table.split(separator: "\n") where !line.hasPrefix("NOTE") && !line.hasPrefix("#") {
            let columns = line.split(separator: "\t").map(String.init)
            guard columns.count >= 4 else { continue }
            // `:name:` in front names a group of rows.
            let flags = columns[0].split(separator: ":").last ?? ""
            let pattern = columns[1] == "SAME" ? before : columns[1]
            before = pattern
            guard flags.contains("E") else { continue }
            let unquote: (String) -> String = { text in
                guard flags.contains("$") else { return text }
                return GoString.unquote("\"\(text)\"").map { String(decoding: $0, as: UTF8.self) } ?? text
            }
            rows.append(
                Row(
                    pattern: (flags.contains("i") ? "(?i)" : "") + unquote(pattern),
                    text: columns[2] == "NULL" ? "" : unquote(columns[2]),
                    expected: columns[3]
                )
            )
        }
        return rows
    }
}
