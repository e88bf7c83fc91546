import Testing

@testable import FleetLogs

struct ANSITextTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("\u{1B}[31mred\u{1B}[0m", "red"),
        ("\u{1B}[2K\u{1B}[1Gline", "line"),
        ("\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\!", "link!"),
        ("\u{1B}]0;title\u{07}text", "text"),
        ("\u{1B}Pq#0;data\u{1B}\\text", "text"),
        ("\u{1B}(Btext\u{1B}=\u{1B}>", "text"),
        ("a\u{9B}31mb\u{85}c", "abc"),
        ("tab\tkept", "tab\tkept"),
        ("bell\u{07}nul\u{00}del\u{7F}", "bell^Gnul^@del^?"),
        ("typo\u{08}\u{08}\u{08}ö\u{08}est", "test"),
        ("end\u{1B}", "end^["),
        ("\u{1B}[31", ""),
        ("\u{1B}[3\u{1B}[1mx", "x"),
        ("é§ü\u{A0}", "é§ü\u{A0}"),
        ("\u{1B}]unterminated", ""),
    ])
    func `only text is left, and other control bytes are visible`(raw: String, clean: String) {
        #expect(ANSIText.clean(raw) == clean)
    }

    @Test func `a sequence that never ends is cut`() {
        let text = "\u{1B}]" + String(repeating: "x", count: 5000) + "tail"
        #expect(ANSIText.clean(text).count == 5000 + 4 - 4096)
    }

    @Test func `colours become runs`() {
        let styled = "a\u{1B}[1;31mbold\u{1B}[22mred\u{1B}[38;5;200mx\u{1B}[48;2;255;0;0my\u{1B}[0mz".withBytes {
            ANSIText.styled($0)
        }
        #expect(styled.text == "aboldredxyz")
        #expect(styled.runs.map(\.range) == [1..<5, 5..<8, 8..<9, 9..<10])
        #expect(styled.runs.map(\.style.foreground) == [1, 1, 200, 200])
        #expect(styled.runs[0].style.attributes == .bold)
        #expect(styled.runs[3].style.background == 196)
    }

    @Test func `random bytes never leave a control byte behind`() {
        var random = SeededRandom(state: 7)
        for _ in 0..<5000 {
            let alphabet: [UInt8] = [
                0x1B, 0x5B, 0x5D, 0x6D, 0x3B, 0x07, 0x08, 0x0D, 0xC2, 0x9B, 0x9D, 0x5C, 0x41, 0x00, 0xFF, 0xE2, 0x31,
            ]
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? alphabet.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
            }
            let clean = bytes.withUnsafeBytes { ANSIText.clean($0) }
            #expect(!clean.contains { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A || $0 == 0x7F })
            let styled = bytes.withUnsafeBytes { ANSIText.styled($0) }
            #expect(styled.utf8 == clean)
            #expect(styled.runs.allSatisfy { $0.range.upperBound <= clean.count && !$0.range.isEmpty })
        }
    }
}
