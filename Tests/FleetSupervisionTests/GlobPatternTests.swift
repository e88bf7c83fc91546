import Testing

@testable import FleetSupervision

struct GlobPatternTests {
    @Test(arguments: [
        // Within a name.
        ("*.swift", "main.swift", true), ("*.swift", "main.swift.bak", false), ("m?in.c", "main.c", true),
        ("m?in.c", "mn.c", false), ("*", "anything", true), ("a*b*c", "aXXbYYbc", true), ("a*b*c", "aXXbYY", false),
        ("[abc].txt", "b.txt", true), ("[!abc].txt", "b.txt", false), ("[^abc].txt", "d.txt", true),
        ("[a-f0-9].o", "7.o", true), ("[a-f0-9].o", "g.o", false), ("[]]x", "]x", true), ("[z-a]", "z", false),
        ("[ab", "[ab", true), ("\\*", "*", true), ("\\*", "x", false), ("é?", "éü", true), ("a**b", "aXb", true),
        ("", "", false), ("", "a", false), ("/", "a", false),
        // Without a slash at every depth, with one from the top (gitignore).
        ("*.o", "a/b/c.o", true), ("build", "a/build", true), ("build", "a/build/x/y", true),
        ("/build", "build/x", true), ("/build", "a/build", false), ("src/*.c", "src/a.c", true),
        ("src/*.c", "src/sub/a.c", false), ("src/*.c", "lib/src/a.c", false), ("./a", "a", true), ("./a", "b/a", false),
        // Any number of folders.
        ("**/*.swift", "main.swift", true), ("**/*.swift", "a/b/main.swift", true), ("a/**/b", "a/b", true),
        ("a/**/b", "a/x/y/b", true), ("a/**/b", "c/a/b", false), ("a/**", "a/x", true), ("a/**", "a", false),
        ("**", "a/b", true), ("**/a/**/b/**", "x/a/y/b/z", true), ("**/**/**/a", "a", true),
        // Folders only.
        ("out/", "out/a", true), ("out/", "out/", true), ("out/", "out", false), ("out/", "x/out/y", true),
        ("/out/", "x/out/y", false),
    ])
    func `patterns mean what gitignore and compose say`(pattern: String, path: String, matches: Bool) {
        #expect(GlobPattern(pattern).matches(path) == matches, "\(pattern) on \(path)")
    }

    @Test func `the last pattern that matches decides`() {
        let list = GlobList(["*.log", "!important.log", "/logs/", "!/logs/keep"])
        #expect(list.matches("a/x.log"))
        #expect(!list.matches("a/important.log"))
        #expect(list.matches("logs/a"))
        #expect(!list.matches("logs/keep"))
        #expect(!list.matches("other"))
    }

    @Test func `no pattern takes long`() {
        let name = String(repeating: "a", count: 3000)
        let path = Array(repeating: "a", count: 1000).joined(separator: "/")
        let clock = ContinuousClock()
        let took = clock.measure {
            #expect(!GlobPattern(String(repeating: "a*", count: 30) + "b").matches(name))
            #expect(!GlobPattern(String(repeating: "**/a*/", count: 30) + "b").matches(path))
            #expect(GlobPattern(String(repeating: "**/", count: 500) + "a").matches(path))
        }
        // Backtracking would take longer than anybody lives.
        #expect(took < .seconds(20))
    }
}
