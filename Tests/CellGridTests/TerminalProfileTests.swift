import CellGrid
import Testing

@Suite struct `A terminal profile` {
    private func decide(_ environment: [String: String], isTTY: Bool = true) -> TerminalProfile {
        TerminalProfile.decide(environment: environment, isTTY: isTTY)
    }

    @Test(arguments: [
        ("xterm-256color", ColourMode.ansi256, GlyphSet.unicodeBraille, true),
        ("xterm", .ansi16, .unicodeBraille, true),
        ("screen-256color", .ansi256, .unicodeBraille, true), ("tmux-256color", .ansi256, .unicodeBraille, true),
        ("screen", .ansi256, .unicodeBraille, true), ("alacritty", .ansi256, .unicodeBraille, true),
        ("xterm-kitty", .ansi256, .unicodeBraille, true), ("linux", .ansi16, .unicodeBlock, false),
        ("vt100", .mono, .ascii, false),
        ("vt220", .mono, .ascii, false), ("no-such-terminal", .ansi16, .unicodeBraille, true),
    ])
    func `follows TERM`(term: String, colours: ColourMode, glyphs: GlyphSet, understandsXterm: Bool) {
        let profile = decide(["TERM": term, "LANG": "en_US.UTF-8"])
        #expect(profile.output == .screen)
        #expect(profile.colours == colours)
        #expect(profile.glyphs == glyphs)
        #expect(profile.understandsXterm == understandsXterm)
        #expect(profile.terminalNames.first == term)
        #expect(profile.terminalNames.suffix(3).contains("vt100"))
    }

    @Test(
        arguments: [
            ([:], true), (["TERM": ""], true), (["TERM": "dumb"], true), (["TERM": "xterm"], false),
            (["TERM": "xterm", "CI": "true"], true),
        ] as [([String: String], Bool)]
    )
    func `falls back to plain lines, with a reason`(environment: [String: String], isTTY: Bool) throws {
        guard case .stream(let reason) = decide(environment, isTTY: isTTY).output else {
            Issue.record("expected plain output")
            return
        }
        #expect(reason.hasSuffix(".") && !reason.contains("\n"))
    }

    @Test(arguments: [
        (["LANG": "C"], GlyphSet.ascii), (["LANG": "de_DE.utf8"], .unicodeBraille), ([:], .ascii),
        (["LANG": "de_DE.UTF-8", "LC_ALL": "C"], .ascii), (["LANG": "C", "LC_CTYPE": "C.UTF-8"], .unicodeBraille),
        (["LANG": "C.UTF-8", "LC_ALL": ""], .unicodeBraille),
    ])
    func `obeys the locale in the order of setlocale`(locale: [String: String], glyphs: GlyphSet) {
        #expect(decide(locale.merging(["TERM": "xterm-256color"]) { $1 }).glyphs == glyphs)
    }

    @Test func `NO_COLOR counts when it is not empty, and the command line beats it`() {
        #expect(decide(["TERM": "xterm-256color", "NO_COLOR": "1"]).colours == .mono)
        #expect(decide(["TERM": "xterm-256color", "NO_COLOR": ""]).colours == .ansi256)
        let forced = TerminalProfile.decide(
            environment: ["TERM": "vt100", "NO_COLOR": "1"],
            isTTY: true,
            preferences: .init(colours: .ansi16, glyphs: .unicodeBlock)
        )
        #expect(forced.colours == .ansi16)
        #expect(forced.glyphs == .unicodeBlock)
        #expect(forced.isUTF8)
    }

    @Test func `waits longer for Esc over SSH, and as long as ESCDELAY says`() {
        #expect(decide(["TERM": "xterm"]).escapeTimeout == .milliseconds(25))
        #expect(decide(["TERM": "xterm", "SSH_CONNECTION": "a b"]).escapeTimeout == .milliseconds(50))
        #expect(decide(["TERM": "xterm", "ESCDELAY": "100"]).escapeTimeout == .milliseconds(100))
        #expect(decide(["TERM": "xterm", "ESCDELAY": "never"]).escapeTimeout == .milliseconds(25))
    }
}
