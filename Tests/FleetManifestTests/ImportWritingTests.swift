import Testing

@testable import FleetManifest

struct ImportWritingTests {
    private func read(_ text: String) -> YAMLTree? {
        let findings = Findings()
        let tree = TreeReader.read(Array(text.utf8), file: "x", findings: findings)
        #expect(findings.errors == [], "\(text)")
        return tree
    }

    private static let awkward = [
        "", " ", "a", "a ", " a", "no", "No", "true", "null", "~", "12", "1.5", "0x1d", "1e3", "30s", "0xB", "a: b",
        "a:", ":a",
        "a #b", "#a", "- a", "-", "? a", "[a]", "{a}", "a, b", "\"a\"", "'a'", "a\\b", "\\", "a\nb", "a\nb\n",
        "a\nb\n\n", "\na",
        " a\nb", "a\n b", "a\n\nb", "a\n \nb", "a\tb", "\ta\nb", "a\n\tb", "a\r\nb", "\u{0}", "\u{7F}", "\u{85}",
        "\u{2028}",
        "a\u{FEFF}b", "\u{FFFE}", "é", "👩‍👩‍👧", "e\u{301}", "|", ">", "|-\n x", "%TAG", "@a", "`a", "&a", "*a", "!a", "=",
        "<<", "...",
        "---", "--- a\nb", "...\nx", "a\n...\nb", "a\n---\nb", "$", "${X}", "a\u{1F}b", "a\u{9F}b", "#a\nb", "/a b",
        "./a",
        "../a", ".5", ".inf", "_1", String(repeating: "long ", count: 100), String(repeating: "x\n", count: 50),
    ]

    @Test(arguments: awkward)
    func `every text comes back as it was written`(text: String) {
        let draft = Draft.mapping([
            Draft.Entry(key: "a", value: .text(text)),
            Draft.Entry(key: "b", value: .list([.text(text), .mapping([Draft.Entry(key: "c", value: .text(text))])])),
            Draft.Entry(
                key: "services",
                value: .mapping([
                    Draft.Entry(key: "s", value: .mapping([Draft.Entry(key: "command", value: .text(text))]))
                ])
            ),
        ])
        let written = DraftWriter.manifest(draft, headline: "x")
        let tree = read(written)
        func expect(_ value: YAMLTree?) {
            guard case .scalar(let found, let isPlain, _)? = value else {
                Issue.record("lost in: \(written)")
                return
            }
            #expect(found == text && found.unicodeScalars.elementsEqual(text.unicodeScalars), "\(written)")
            if isPlain { #expect(value?.isNull == false && !["true", "false"].contains(found)) }
        }
        expect(tree?["a"])
        expect(tree?["services"]?["s"]?["command"])
        guard case .list(let items, _)? = tree?["b"], items.count == 2 else {
            Issue.record("lost in: \(written)")
            return
        }
        expect(items[0])
        expect(items[1]["c"])
    }

    @Test(arguments: awkward)
    func `every key comes back as it was written`(text: String) {
        let draft = Draft.mapping([
            Draft.Entry(key: text, value: .plain("1")),
            Draft.Entry(key: "\(text)2", value: .mapping([Draft.Entry(key: text, value: .list([.text("x")]))])),
        ])
        let written = DraftWriter.manifest(draft, headline: "x")
        let tree = read(written)
        #expect(tree?.entries?.map(\.key) == [text, "\(text)2"], "\(written)")
        #expect(tree?.entries?.last?.value.entries?.map(\.key) == [text])
    }

    @Test(arguments: ["$", "$$", "$$$", "$${", "${", "${X}", "$X", "a$", "$$X", "$${X}", "{$}", "$a$$b$${c}"])
    func `literal dollars survive the loader`(text: String) {
        let carried = DollarText.carried(text, .literal)
        var interpolation = Interpolation(variable: { _ in "WRONG" }, port: { _, _ in .tooEarly })
        #expect(interpolation.expand(carried.text) == text)
        #expect(interpolation.problems == [])
    }

    @Test(arguments: [
        ("$X", "${X}", true), ("$X_1-y", "${X_1}-y", true), ("${X:-$Y}", "${X:-${Y}}", true), ("$$X", "$$X", true),
        ("$1 $( $ ", "$1 $( $ ", true), ("${X:?no $Y}", "${X:?no ${Y}}", true), ("${X+}", "${X+}", true),
        ("${", "$${", false), ("${}", "$${}", false), ("${X", "$${X", false), ("${X.y}", "$${X.y}", false),
        ("${a.ports.b}", "$${a.ports.b}", false), ("${X:-${Y}", "$${X:-$${Y}", false), ("${1}", "$${1}", false),
        ("${X/a/b}", "$${X/a/b}", false),
    ])
    func `variables are written as fleet reads them`(text: String, expected: String, isSound: Bool) {
        let carried = DollarText.carried(text, .compose)
        #expect(carried.text == expected)
        #expect(carried.isSound == isSound)
        // Whatever it is, the loader finds nothing wrong with it.
        var interpolation = Interpolation(variable: { _ in "x" }, port: { _, _ in .unknownService(hint: "") })
        _ = interpolation.expand(carried.text)
        #expect(interpolation.problems == [])
    }

    @Test(arguments: [
        ("a b  c", ["a", "b", "c"]), ("'a b' \"c d\"", ["a b", "c d"]), ("a\\ b", ["a b"]), ("''", [""]),
        ("a''b", ["ab"]),
        ("\"a\\\"b\"", ["a\"b"]), ("'a\\b'", ["a\\b"]), ("${X:-a b}c d", ["${X:-a b}c", "d"]), ("", []), (" \t\n", []),
        ("'${X:-it''s}'", ["${X:-it''s}"]), ("$${a b}", ["$${a", "b}"]), ("a\\", ["a\\"]),
    ])
    func `texts are split as a shell splits them`(text: String, expected: [String]) {
        #expect(ShellWords.split(text) == expected)
    }

    @Test(arguments: ["'", "a \"b", "\"\\\""])
    func `an open quote is no text for a shell`(text: String) { #expect(ShellWords.split(text) == nil) }

    @Test func `words that were put together are split again`() {
        let words = ["a", "", "a b", "it's", "\"", "\\", "*", "${X}", "-x=1"]
        #expect(ShellWords.split(ShellWords.joined(words)) == words)
    }
}
