import CellGrid
import Testing

@Suite struct `Text width` {
    @Test(arguments: [
        ("", 0), ("orders", 6), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("✅", 2), ("⚠", 1), ("⚠\u{FE0F}", 1),
        ("👨\u{200D}👩\u{200D}👧", 6), ("👍\u{1F3FD}", 4), ("\u{1FAE8}", 2), ("🇩🇪", 2), ("한글", 4),
        ("\u{1112}\u{1161}\u{11AB}", 2),
        ("ｆｕｌｌ", 8), ("ﾊﾝｶｸ", 4), ("●◐▲✖○↻", 6), ("▁▂▃▄▅▆▇█", 8), ("⠿⢀", 2), ("┌─┐┄", 4), ("…→·◆", 4),
        ("\u{7}\u{1B}\n", 3), ("\u{85}", 1), ("\u{378}", 1), ("\u{10FFFF}", 1), ("\u{202E}abc\u{2066}", 3),
        ("\u{AD}", 0),
        ("\u{FEFF}x", 1), ("ก็", 1), ("ا\u{651}", 1), ("\u{E000}", 1), ("\u{FFFD}", 1), ("䷀", 2),
    ])
    func `follows our own Unicode 16 table`(text: String, columns: Int) {
        #expect(TextWidth.of(text) == columns)
    }

    @Test func `every scalar's width agrees with what a grid writes`() {
        var disagreeing: [UInt32] = []
        for value in stride(from: UInt32(0), through: 0x10FFFF, by: 7) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            var grid = Grid(size: Size(columns: 4, rows: 1))
            let written = grid.write("a" + String(Character(scalar)), column: 0, row: 0)
            if written != TextWidth.of("a" + String(Character(scalar))) { disagreeing.append(value) }
        }
        #expect(disagreeing.isEmpty)
    }

    @Test(arguments: [
        ("payments", 8, "payments"), ("payments", 7, "paymen…"), ("payments", 1, "…"), ("payments", 0, ""),
        ("漢字漢字", 5, "漢字…"),
        ("漢字漢字", 4, "漢…"), ("a👍b", 3, "a…"), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
    ])
    func `cuts with an ellipsis`(text: String, width: Int, expected: String) {
        #expect(TextWidth.truncated(text, to: width) == expected)
        #expect(TextWidth.of(TextWidth.truncated(text, to: width)) <= width)
    }

    @Test func `cuts the front of a path`() {
        #expect(TextWidth.truncatedFront("/srv/shop/services/orders", to: 10) == "…es/orders")
        #expect(TextWidth.truncatedFront("漢字漢字", to: 4) == "… 字")
        #expect(TextWidth.truncatedFront("short", to: 10) == "short")
    }

    @Test(arguments: [(Alignment.left, "ab   "), (.right, "   ab"), (.centre, " ab  ")])
    func `pads to an exact width`(alignment: Alignment, expected: String) {
        #expect(TextWidth.padded("ab", to: 5, alignment: alignment) == expected)
    }

    @Test(arguments: [
        ("one two three", 7, ["one two", "three"]), ("abcdefghij", 4, ["abcd", "efgh", "ij"]), ("a\nb", 4, ["a", "b"]),
        ("", 4, [""]), ("ab cdefgh i", 3, ["ab", "cde", "fgh", "i"]), ("漢字漢", 4, ["漢字", "漢"]), ("漢", 1, ["漢"]),
    ])
    func `wraps at blanks and inside long words`(text: String, width: Int, lines: [String]) {
        #expect(TextWidth.wrapped(text, to: width) == lines)
    }
}
