import Foundation
import LinearRegex
import Testing

@testable import PromQL

@Suite struct RegexTests {
    @Test(arguments: [
        ("a|b", "b", true), ("a|b", "ab", false), ("a.c", "a\nc", true), ("(?-s)a.c", "a\nc", false), ("", "", true),
        ("a{2,3}", "aa", true), ("a{2,3}", "aaaa", false), ("(?i)straße", "STRAßE", true), ("[^a-c]+", "xyz", true),
        ("[[:alpha:]_]+", "a_B", true), (#"\d+\.\d"#, "12.5", true), (#"\pL+"#, "äß", true), (#"\PL+"#, "12", true),
        (#"\bfoo\b"#, "foo", true), (#"\Qa.b\E+"#, "a.bbb", true), ("(?i)K", "\u{212A}", true),
        ("K", "\u{212A}", false),
        ("a**", "a", false), (#"\x{1F600}"#, "😀", true), ("x{,2}", "x{,2}", true), ("^a$", "a", true),
        ("a^b", "ab", false), (#"a\_b"#, "a_b", true), (#"[\_]"#, "_", true), ("a(?m)+", "aaa", true),
        ("a*(?i)+B", "aab", true), (#"ab\Q\E*"#, "abbb", true), (#"\Qa*\E"#, "a*", true), ("(?m)a$\n^b", "a\nb", true),
        ("a$\n^b", "a\nb", false), (#"a\b.\bb"#, "a b", true), (#"a\b.\bb"#, "abb", false),
    ])
    func `whole texts match as in RE2`(pattern: String, text: String, expected: Bool) {
        let matched = (try? LinearRegex(pattern))?.matches(text) ?? false
        #expect(matched == expected, "\(pattern) on \(text)")
    }

    @Test(arguments: [
        "(", ")", "[a", "a**", "*", "a{2}{3}", "a{1001}", "(?P<n>a)(?P<n>b)", #"\8"#, #"\1"#, "(?=a)", "[z-a]", #"\pX"#,
        "(?z)",
        "a\\", "((a{100}){100}){100}", "[[:nope:]]", "x{2,1}", #"\Qab*"#, #"a|\Q"#, "(?m)+", "a|(?m)+", "(a{0,1001})",
        "(?i-)",
        #"\Z"#, #"[\b]"#,
    ])
    func `what RE2 refuses is refused`(pattern: String) {
        #expect(throws: RegexError.self) { try LinearRegex(pattern) }
    }

    @Test func `hostile patterns take linear time and bounded space`() throws {
        let text = String(repeating: "a", count: 20_000) + "!"
        #expect(try !LinearRegex("(a*)*b").matches(text))
        #expect(try !LinearRegex("(a|aa)+").matches(text))
        #expect(try LinearRegex("(.*a){10}.*").matches(text))
        #expect(throws: RegexError.self) { try LinearRegex(String(repeating: "(", count: 5_000)) }
        #expect(throws: RegexError.self) {
            try LinearRegex(String(repeating: "(", count: 5_000) + "a" + String(repeating: ")", count: 5_000))
        }
    }

    @Test(arguments: [
        ("(.*)-(.*)", "a-b", "$2-$1", "b-a"), ("(?P<x>a+)(b*)", "aab", "${x}_$2", "aa_b"), ("a(b)?", "a", "<$1>", "<>"),
        ("(a)", "a", "$$1 $1x ${1}x $", "$1  ax $"), ("(a|ab)(c|bcd)(d*)", "abcd", "$1,$2,$3", "a,bcd,"),
    ])
    func `captures follow the preferred branch`(
        pattern: String,
        text: String,
        template: String,
        expected: String
    ) throws {
        let regex = try LinearRegex(pattern)
        let bytes = Array(text.utf8)
        let groups = try #require(regex.firstMatch(in: bytes))
        #expect(RegexReplacement.expand(template, regex: regex, text: bytes, groups: groups) == expected)
    }

    @Test(.enabled(if: TestData.has("prometheus/derived/label_regex_matrix.json"), "needs FLEET_TESTDATA"))
    func `label matchers agree with Go cell by cell`() throws {
        let file = try #require(try TestData.json("prometheus/derived/label_regex_matrix.json") as? [String: Any])
        let values = try #require(file["values"] as? [Any]).map { try #require(TestData.input($0)) }
        for row in try #require(file["cases"] as? [[String: Any]]) {
            let pattern = try #require(row["regex"] as? String)
            let expected = try #require(row["matches"] as? String)
            let matcher = RegexMatcher(try LinearRegex(pattern))
            let actual = values.map { value in
                // Label values are strings; bytes that are no UTF-8 only reach the automaton.
                let verdict =
                    String(validating: value, as: UTF8.self).map(matcher.matches)
                    ?? value.withUnsafeBytes { matcher.matches($0) }
                return verdict ? "1" : "0"
            }
            #expect(actual.joined() == expected, "\(pattern.prefix(60))")
        }
    }

    @Test(
        .enabled(if: TestData.has("regex/re2-search.txt"), "needs FLEET_TESTDATA"),
        arguments: [("regex/re2-search.txt", 1), ("regex/re2-exhaustive.txt.bz2", 61)]
    )
    func `RE2's own search tables are reproduced`(path: String, stride: Int) throws {
        guard TestData.has(path) else { return }
        var strings: [[UInt8]] = []
        var isStrings = false
        var results = [String]()
        var search: LinearRegex?
        var count = 0
        var failures: [String] = []
        func flush(_ pattern: String) {
            defer { results.removeAll() }
            guard let search, results.count == strings.count else { return }
            let matcher = RegexMatcher(search)
            for (text, line) in zip(strings, results) {
                let fields = line.split(separator: ";", omittingEmptySubsequences: false)
                guard fields.count == 4 else { continue }
                count += 1
                let found = search.firstMatch(in: text)
                let rendered =
                    found.map {
                        $0.map { $0.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "-" }.joined(separator: " ")
                    } ?? "-"
                // Two ways to the same answer: the automaton, and the simulation that knows where.
                let isFound = text.withUnsafeBytes { matcher.matches($0) }
                if rendered != fields[1] || isFound != (found != nil) {
                    failures.append(
                        "\(search.pattern) on \(String(decoding: text, as: UTF8.self)): \(rendered), not \(fields[1])"
                    )
                }
            }
        }
        var number = 0
        // The exhaustive table has 59 MB; its beginning and a sample of the patterns in it will do.
        let table = try TestData.unpacked(path).prefix(6_000_000)
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
            if line == "strings" {
                flush("")
                (isStrings, strings, search) = (true, [], nil)
            } else if line == "regexps" {
                isStrings = false
            } else if line.hasPrefix("\"") {
                let text = try #require(GoString.unquote(String(line)))
                if isStrings {
                    strings.append(text)
                } else {
                    flush("")
                    number += 1
                    // \C (one byte) is not ours, and the exhaustive table is sampled.
                    let pattern = String(decoding: text, as: UTF8.self)
                    search =
                        number % stride == 0 && !pattern.contains("\\C")
                        ? try? LinearRegex(pattern, anchoring: .anywhere) : nil
                }
            } else if line.first?.isNumber == true || line.hasPrefix("-") {
                if search != nil { results.append(String(line)) }
            }
        }
        flush("")
        #expect(count > 100)
        #expect(failures.isEmpty, "\(failures.count) of \(count): \(failures.prefix(10).joined(separator: "\n"))")
    }
}

/// Go's quoted string syntax, as the tables use it.
enum GoString {
    static func unquote(_ text: String) -> [UInt8]? {
        var result: [UInt8] = []
        var bytes = Array(text.utf8).dropFirst().dropLast()[...]
        while let byte = bytes.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard let escape = bytes.popFirst() else { return nil }
            switch escape {
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "a"): result.append(7)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "v"): result.append(11)
            case UInt8(ascii: "x"):
                guard let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16) else { return nil }
                bytes = bytes.dropFirst(2)
                result.append(value)
            case UInt8(ascii: "u"):
                guard let value = UInt32(String(decoding: bytes.prefix(4), as: UTF8.self), radix: 16),
                    let scalar = Unicode.Scalar(value)
                else { return nil }
                bytes = bytes.dropFirst(4)
                result += Array(String(Character(scalar)).utf8)
            default: result.append(escape)
            }
        }
        return result
    }
}
