import CellGrid
import Testing

@Suite struct `The key decoder` {
    private func keys(_ text: String) -> [Key] { keys(Array(text.utf8)) }

    private func keys(_ bytes: [UInt8]) -> [Key] {
        var decoder = KeyDecoder()
        let now = decoder.decode(bytes, at: .zero)
        return now + decoder.expire(at: .seconds(5))
    }

    @Test(
        arguments: [
            ("j", .character("j")), (" ", .character(" ")), ("\r", .enter), ("\n", .enter), ("\t", .tab),
            ("\u{7F}", .backspace),
            ("\u{8}", .backspace), ("\u{4}", .control("d")), ("\u{0}", .control(" ")), ("\u{1A}", .control("z")),
            ("\u{1C}", .control("\\")), ("\u{1F}", .control("_")), ("é", .character("é")), ("漢", .character("漢")),
            ("😀", .character("😀")), ("\u{1B}", .escape), ("\u{1B}b", .alt("b")), ("\u{1B}é", .alt("é")),
        ] as [(String, Key)]
    )
    func `reads plain, control and Alt keys`(bytes: String, key: Key) {
        #expect(keys(bytes) == [key])
    }

    @Test(
        arguments: [
            // xterm, normal and application mode.
            ("[A", .up), ("[B", .down), ("[C", .right), ("[D", .left), ("[H", .home), ("[F", .end), ("OA", .up),
            ("OB", .down),
            ("OC", .right), ("OD", .left), ("OH", .home), ("OF", .end), ("OP", .function(1)), ("OS", .function(4)),
            ("[15~", .function(5)),
            ("[17~", .function(6)), ("[21~", .function(10)), ("[23~", .function(11)), ("[24~", .function(12)),
            ("[2~", .insert),
            ("[3~", .delete), ("[5~", .pageUp), ("[6~", .pageDown), ("[Z", .backTab), ("[I", .focusIn),
            ("[O", .focusOut),
            // xterm with modifiers: Shift, Alt, Ctrl.
            ("[1;2A", .up), ("[1;5D", .alt("b")), ("[1;3C", .alt("f")), ("[1;2P", .function(1)), ("[3;5~", .delete),
            ("[15;5~", .function(5)),
            ("[27;5;100~", .control("d")), ("[27;2;9~", .backTab), ("[100;5u", .control("d")), ("[27u", .escape),
            ("[13u", .enter),
            ("[97;3u", .alt("a")), ("[97;2u", .character("A")), ("[97:65;1:1u", .character("a")), ("O5P", .function(1)),
            // VT100 keypad.
            ("OM", .enter), ("Op", .character("0")), ("Oy", .character("9")), ("On", .character(".")),
            ("OX", .character("=")),
            // rxvt.
            ("[7~", .home), ("[8~", .end), ("[a", .up), ("[d", .left), ("Oa", .up), ("Od", .alt("b")),
            ("Oc", .alt("f")), ("[3$", .delete),
            ("[3^", .delete), ("[3@", .delete), ("[11~", .function(1)), ("[14~", .function(4)), ("\u{1B}[A", .up),
            ("\u{1B}[C", .alt("f")),
            // Linux console and PuTTY.
            ("[[A", .function(1)), ("[[E", .function(5)), ("[1~", .home), ("[4~", .end), ("[25~", .function(13)),
            ("[34~", .function(20)),
        ] as [(String, Key)]
    )
    func `reads the sequences of real terminals`(sequence: String, key: Key) {
        #expect(keys("\u{1B}" + sequence) == [key])
        // And followed at once by another key.
        #expect(keys("\u{1B}" + sequence + "x") == [key, .character("x")])
    }

    @Test func `any sequence may be split over reads at any byte`() {
        let text =
            "a\u{1B}[1;5D\u{1B}OPé漢😀\u{1B}[200~pa\u{1B}ste\u{1B}[201~\u{1B}[<0;5;6Mz\u{1B}]11;rgb:0/0/0\u{1B}\\q\u{1B}\u{1B}[A"
        let whole = keys(text)
        #expect(whole.count == 11)
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var decoder = KeyDecoder()
            var split = decoder.decode(bytes[..<cut], at: .zero)
            split += decoder.decode(bytes[cut...], at: .milliseconds(10))
            split += decoder.expire(at: .seconds(9))
            #expect(split == whole, "cut at \(cut)")
        }
        var decoder = KeyDecoder()
        var slow: [Key] = []
        for (index, byte) in bytes.enumerated() { slow += decoder.decode([byte], at: .milliseconds(index)) }
        #expect(slow == whole)
    }

    @Test func `a lone Esc waits for its deadline and no longer`() {
        var decoder = KeyDecoder(escapeTimeout: .milliseconds(25))
        #expect(decoder.deadline == nil)
        #expect(decoder.decode([0x1B], at: .milliseconds(100)).isEmpty)
        #expect(decoder.deadline == .milliseconds(125))
        #expect(decoder.expire(at: .milliseconds(124)).isEmpty)
        #expect(decoder.expire(at: .milliseconds(125)) == [.escape])
        #expect(decoder.deadline == nil)
        #expect(decoder.decode([0x1B], at: .milliseconds(200)).isEmpty)
        #expect(decoder.decode(Array("[A".utf8), at: .milliseconds(220)) == [.up])
        #expect(decoder.decode([0x1B], at: .milliseconds(300)).isEmpty)
        #expect(
            decoder.decode(Array("[A".utf8), at: .milliseconds(400)) == [.escape, .character("["), .character("A")]
        )
    }

    @Test func `Esc twice is Esc twice`() {
        #expect(keys("\u{1B}\u{1B}") == [.escape, .escape])
        #expect(keys("\u{1B}\u{1B}j") == [.escape, .alt("j")])
        #expect(keys("\u{1B}[") == [.alt("[")])
        #expect(keys("\u{1B}O") == [.alt("O")])
        #expect(keys("\u{1B}]") == [.alt("]")])
        #expect(keys("\u{1B}[1;") == [.unknown])
    }

    @Test func `a paste is one key with everything in it`() {
        #expect(keys("\u{1B}[200~line\r\n\u{1B}[31mü\u{1B}[201~q") == [.paste("line\r\n\u{1B}[31mü"), .character("q")])
        #expect(keys("\u{1B}[200~\u{1B}[201~") == [.paste("")])
        #expect(keys("\u{1B}[200~never ended") == [.paste("never ended")])
        #expect(keys("\u{1B}[201~x").last == .character("x"))
        #expect(keys([0x1B] + Array("[200~".utf8) + [0xFF, 0x41, 0x1B] + Array("[201~".utf8)) == [.paste("\u{FFFD}A")])
    }

    @Test func `a huge paste is cut, counted and still ends`() {
        var decoder = KeyDecoder()
        var result = decoder.decode(Array("\u{1B}[200~".utf8), at: .zero)
        let block = [UInt8](repeating: 0x61, count: 1 << 16)
        for _ in 0..<20 { result += decoder.decode(block, at: .zero) }
        result += decoder.decode(Array("\u{1B}[201~j".utf8), at: .zero)
        #expect(result == [.paste(String(repeating: "a", count: KeyDecoder.pasteLimit)), .character("j")])
        #expect(decoder.droppedBytes == (20 << 16) - KeyDecoder.pasteLimit)
    }

    @Test(arguments: [
        ("<0;1;1M", MouseEvent(.press(.left), at: Point(column: 0, row: 0))),
        ("<0;1;1m", MouseEvent(.release(.left), at: Point(column: 0, row: 0))),
        ("<2;300;80M", MouseEvent(.press(.right), at: Point(column: 299, row: 79))),
        ("<32;5;6M", MouseEvent(.drag(.left), at: Point(column: 4, row: 5))),
        ("<64;5;6M", MouseEvent(.wheelUp, at: Point(column: 4, row: 5))),
        ("<65;5;6M", MouseEvent(.wheelDown, at: Point(column: 4, row: 5))),
        ("<20;5;6M", MouseEvent(.press(.left), at: Point(column: 4, row: 5), shift: true, control: true)),
    ])
    func `reads SGR mouse reports`(report: String, event: MouseEvent) {
        #expect(keys("\u{1B}[" + report) == [.mouse(event)])
    }

    @Test(arguments: [
        "\u{1B}[<0;0;1M", "\u{1B}[<M", "\u{1B}[<0;1M", "\u{1B}[?2026;2$y", "\u{1B}[>0;276;0c", "\u{1B}[M !!",
        "\u{1B}P>|XTerm(370)\u{1B}\\", "\u{1B}]52;c;aGk=\u{7}", "\u{1B}_Gi=1;OK\u{1B}\\",
    ])
    func `answers and broken reports type nothing`(bytes: String) {
        #expect(keys(bytes + "x") == [.character("x")])
    }

    @Test func `invalid UTF-8 is unknown and costs no good key`() {
        #expect(keys([0xFF, 0x6A]) == [.unknown, .character("j")])
        #expect(keys([0xC3, 0x6A]) == [.unknown, .character("j")])
        #expect(keys([0xE6, 0xBC]) == [.unknown])
        #expect(keys([0xED, 0xA0, 0x80]) == [.unknown])
        #expect(keys([0xC2, 0x9B]) == [.unknown])
        #expect(keys([0xF4, 0x90, 0x80, 0x80]) == [.unknown])
    }

    @Test func `garbage never traps and never piles up`() {
        var random = SeededGenerator(seed: 42)
        let alphabet: [UInt8] =
            Array("\u{1B}[]OP<>?;:0123456789~$MmuRtabAB\\".utf8) + [0, 7, 13, 0x7F, 0x80, 0x9B, 0xC3, 0xE6, 0xF0, 0xFF]
        for round in 0..<300 {
            var decoder = KeyDecoder()
            for step in 0..<200 {
                let chunk = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                    round % 2 == 0
                        ? alphabet.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
                }
                _ = decoder.decode(chunk, at: .milliseconds(step * Int.random(in: 0...40, using: &random)))
            }
            _ = decoder.expire(at: .seconds(10_000))
            #expect(decoder.deadline == nil)
            #expect(decoder.decode([0x6A], at: .seconds(10_001)) == [.character("j")])
        }
    }

    @Test func `an endless sequence is given up`() {
        #expect(
            keys("\u{1B}[" + String(repeating: "1", count: 500)).allSatisfy { $0 == .unknown || $0 == .character("1") }
        )
        let reply = keys("\u{1B}]" + String(repeating: "x", count: 6000))
        #expect(reply.count > 1000)
    }
}

@Suite struct `Key names` {
    @Test(arguments: [
        ("Ctrl-d", Key.control("d")), ("ctrl-D", .control("d")), ("C-d", .control("d")), ("^d", .control("d")),
        ("Alt-b", .alt("b")),
        ("M-B", .alt("B")), ("F1", .function(1)), ("f12", .function(12)), ("Space", .character(" ")),
        (" ", .character(" ")), ("j", .character("j")),
        ("J", .character("J")), ("PageUp", .pageUp), ("PgDn", .pageDown), ("shift-tab", .backTab), ("Esc", .escape),
        ("Return", .enter),
        ("-", .character("-")), ("^", .character("^")), ("Ctrl-Space", .control(" ")), ("|", .character("|")),
        ("é", .character("é")),
    ])
    func `are read in the usual spellings`(text: String, key: Key) {
        #expect(Key(text) == key)
    }

    @Test(arguments: ["", "Ctrl-", "Ctrl-ab", "F0", "F99", "Hyper-x", "resize", "\u{1B}", "Ctrl-m", "Ctrl-i"])
    func `that mean nothing are refused`(text: String) {
        #expect(Key(text) == nil)
    }

    @Test func `come back as the key they were written for`() throws {
        let writable: [Key] =
            [
                .enter, .escape, .tab, .backTab, .backspace, .delete, .insert, .up, .down, .left, .right, .home, .end,
                .pageUp, .pageDown,
            ]
            + (1...24).map { .function($0) } + "abz\\]^_ ".map { .control($0) } + "abZ. ".map { .alt($0) }
            + "aZ0-|?:é漢 ".map { .character($0) }
        for key in writable { #expect(Key(key.description) == key, "\(key)") }
    }
}
