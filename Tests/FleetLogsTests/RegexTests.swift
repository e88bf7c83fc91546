import FleetModel
import LinearRegex
import Testing

@testable import FleetLogs

struct RegexTests {
    private func matches(_ pattern: String, _ text: String, ignoresCase: Bool = false) throws -> Bool {
        let matcher = LineExpression(try LinearRegex(pattern, anchoring: .anywhere, ignoresCase: ignoresCase))
        return text.withBytes { matcher.matches($0) }
    }

    @Test(arguments: [
        ("abc", "xxabcxx", true), ("abc", "ab", false), ("^abc", "xabc", false), ("^abc$", "abc", true),
        ("a.c", "abc", true), ("a.c", "aéc", true), ("^.$", "é", true), ("^..$", "é", false), ("^...$", "日本語", true),
        ("a*b", "aaab", true), ("^a+$", "", false), ("^a?$", "", true), ("^(ab)*$", "ababab", true),
        ("^(ab)*$", "aba", false),
        ("a{2,3}b", "aab", true), ("^a{2,3}$", "aaaa", false), ("^a{2}$", "aa", true), ("^a{0}$", "", true),
        ("a{,2}", "a{,2}", true),
        ("[a-c]+[^a-c]", "abcd", true), ("[]a]", "]", true), ("[^]a]", "]", false), ("[a-]", "-", true),
        ("[ä-ü]", "ö", true),
        ("[^ä]", "ä", false), ("[а-я]+", "лог", true), (#"\d+ms"#, "took 12ms", true), (#"\d+ms"#, "took ms", false),
        (#"\bfoo\b"#, "a foo b", true), (#"\bfoo\b"#, "afoo", false), (#"\Boo\b"#, "foo", true),
        (#"\w+\s\W"#, "ab !", true),
        ("foo|bar|", "", true), ("^(foo|ba(r|z))$", "baz", true), ("(?:a|b)c", "bc", true), ("(?i)ERR", "err", true),
        ("(?i:e)RR", "eRR", true), ("(?i:e)RR", "err", false), (#"\x41\x{e9}"#, "Aé", true),
        (#"a\.b\/c"#, "a.b/c", true),
        ("[[:digit:]]+[[:^alpha:]]", "12-", true), ("x*", "", true), ("$", "", true), ("^$", "a", false),
        ("(a*)*b", "aaac", false),
        (#"a\sb"#, "a\u{B}b", false), ("(^)*a", "ba", true), (#"\b+foo"#, "a foo", true), ("^{2}a", "a", true),
        (#"\a"#, "\u{7}", true), (#"^\Qa.b*\E$"#, "a.b*", true), (#"\101\012?"#, "A", true), (#"\pL+\PL"#, "é1", true),
        (#"\p{Greek}"#, "λ", true), (#"\x{00000061}"#, "a", true), (#"é\B€"#, "é€", true), (#"^\B$"#, "é", false),
        ("(?i)ÄÖ", "äö", true), ("(?i)σ", "ς", true), ("a(?m)+b", "aab", true), ("(?P<name>a)b", "ab", true),
        ("a|b$", "xb", true), ("é+", "éé", true), ("^[^x]$", "\u{1F600}", true),
    ])
    func `matching follows the usual rules`(pattern: String, text: String, expected: Bool) throws {
        #expect(try matches(pattern, text) == expected)
    }

    @Test(arguments: [
        ("(", 0), ("a)", 1), ("[a", 0), ("a**b", 2), ("*a", 0), ("a{3,1}", 1), ("a{2000}", 1), (#"(a)\1"#, 3),
        ("(?=a)", 0), ("(?<=a)b", 0), ("[z-a]", 0), (#"\q"#, 0), ("((a{1000}){1000}){1000}", 10), ("[[:nope:]]", 1),
        (#"\xZZ"#, 0), (#"a\Z"#, 1), (#"a[\b]"#, 1), ("ab(?i-)", 2), ("ab(c", 2), ("é(", 1),
    ])
    func `expressions that make no sense say where`(pattern: String, offset: Int) {
        let error = #expect(throws: FilterError.self) { try LogFilter.parse("/\(pattern)/", now: .epoch) }
        #expect(error?.column == offset + 2)
    }

    @Test(arguments: [
        ("ab+cde", "cde", false), ("(?i)Time[o0]ut", "time", true), ("(?i)ab(?-i)CD", "abcd", true),
        ("a(?:bc)d", "abcd", false),
        ("x(ab|cd)y", "x", false), ("(?i)task", "task", true), (#"^GET\b /x"#, "GET /x", false),
        ("(abc)+d?", "abc", false),
    ])
    func `text that every match holds rules lines out before`(pattern: String, text: String, ignoresCase: Bool) throws {
        let required = try #require(LinearRegex(pattern, anchoring: .anywhere).requiredText)
        #expect(String(decoding: required.bytes, as: UTF8.self) == text)
        #expect(required.ignoresCase == ignoresCase)
    }

    @Test func `letters with a third form are found in it`() throws {
        #expect(try matches("task", "TA\u{17F}\u{212A} 1", ignoresCase: true))
        #expect(try !matches("task", "TA\u{17F}\u{212A} 1"))
        #expect(try !matches("task", "TA\u{17F} K", ignoresCase: true))
    }

    @Test func `the time is linear where backtracking would explode`() throws {
        let text = String(repeating: "a", count: 50_000)
        #expect(try !matches("(a|aa)+$x", text))
        #expect(try !matches("(a*)*(a*)*b", text))
        #expect(try matches("(x+x+)+y|a$", text))
    }

    @Test func `an automaton that grows too large starts anew and stays right`() throws {
        var random = SeededRandom(state: 11)
        let matcher = LineExpression(try LinearRegex("(a|b)*a(a|b){14}$", anchoring: .anywhere))
        for _ in 0..<300 {
            let text = String((0..<60).map { _ in Bool.random(using: &random) ? "a" : "b" })
            #expect(text.withBytes { matcher.matches($0) } == (Array(text)[45] == "a"))
        }
    }

    @Test func `deeply nested groups are refused`() {
        let pattern = String(repeating: "(", count: 10_000) + String(repeating: ")", count: 10_000)
        #expect(throws: FilterError.self) { try LogFilter.parse("/\(pattern.prefix(900))/", now: .epoch) }
        #expect(throws: FilterError.self) { try LogFilter.parse("/\(pattern)/", now: .epoch) }
    }
}
