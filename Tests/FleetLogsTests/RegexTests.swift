import Testing

@testable import FleetLogs

struct RegexTests {
    private func matches(_ pattern: String, _ text: String, ignoresCase: Bool = false) throws -> Bool {
        var matcher = RegexMatcher(try RegexProgram(pattern, ignoresCase: ignoresCase))
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
        ("(?P<name>a)b", "ab", true), ("a|b$", "xb", true), ("é+", "éé", true), ("^[^x]$", "\u{1F600}", true),
    ])
    func `matching follows the usual rules`(pattern: String, text: String, expected: Bool) throws {
        #expect(try matches(pattern, text) == expected)
    }

    @Test(arguments: [
        ("(", 0), ("a)", 1), ("[a", 0), ("a**b", -1), ("*a", 0), ("a{3,1}", 1), ("a{2000}", 1), (#"\"#, 0),
        (#"(a)\1"#, 3),
        ("(?=a)", 0), ("(?<=a)b", 0), ("[z-a]", 0), (#"\q"#, 0), ("((a{1000}){1000}){1000}", 0), ("[[:nope:]]", 1),
        (#"\xZZ"#, 0),
    ])
    func `expressions that make no sense say where`(pattern: String, offset: Int) {
        guard offset >= 0 else {
            #expect(throws: Never.self) { try RegexProgram(pattern, ignoresCase: false) }
            return
        }
        let error = #expect(throws: RegexSyntaxError.self) { try RegexProgram(pattern, ignoresCase: false) }
        #expect(error?.offset == offset)
    }

    @Test func `the time is linear where backtracking would explode`() throws {
        let text = String(repeating: "a", count: 50_000)
        #expect(try !matches("(a|aa)+$x", text))
        #expect(try !matches("(a*)*(a*)*b", text))
        #expect(try matches("(x+x+)+y|a$", text))
    }

    @Test func `an automaton that grows too large starts anew and stays right`() throws {
        var random = SeededRandom(state: 11)
        var matcher = RegexMatcher(try RegexProgram("(a|b)*a(a|b){14}$", ignoresCase: false))
        for _ in 0..<300 {
            let text = String((0..<60).map { _ in Bool.random(using: &random) ? "a" : "b" })
            #expect(text.withBytes { matcher.matches($0) } == (Array(text)[45] == "a"))
        }
    }

    @Test func `deeply nested groups are refused`() {
        let pattern = String(repeating: "(", count: 10_000) + String(repeating: ")", count: 10_000)
        #expect(throws: RegexSyntaxError.self) { try RegexProgram(String(pattern.prefix(900)), ignoresCase: false) }
        #expect(throws: RegexSyntaxError.self) { try RegexProgram(pattern, ignoresCase: false) }
    }
}
