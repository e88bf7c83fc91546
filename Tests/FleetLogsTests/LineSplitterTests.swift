import FleetModel
import Testing

@testable import FleetLogs

struct LineSplitterTests {
    /// Lines as delivered; a continuation is marked with `+`, what is delivered only at the end with `…`.
    private func split(_ chunks: [[UInt8]], limit: Int = 64) -> [String] {
        var splitter = LineSplitter(limit: limit)
        var lines: [String] = []
        for chunk in chunks {
            chunk.withUnsafeBytes { bytes in
                splitter.feed(bytes, at: .epoch) { lines.append(($1 ? "+" : "") + String(decoding: $0, as: UTF8.self)) }
            }
        }
        splitter.finish { lines.append("…" + ($1 ? "+" : "") + String(decoding: $0, as: UTF8.self)) }
        return lines
    }

    @Test(arguments: [
        ("a\nb\n", ["a", "b"]),
        ("a\n\nb", ["a", "", "…b"]),
        ("a\r\nb\r\r\n", ["a", "b"]),
        (" 10%\r 50%\r100%\ndone\n", ["100%", "done"]),
        (" 10%\r 50%\r", ["… 50%"]),
        ("one\rtwo\r\n", ["two"]),
        ("", []),
        ("\n", [""]),
        ("0123456789abcdefghij\n", ["0123456789abcdef", "+ghij"]),
        ("0123456789abcdeäöü\n", ["0123456789abcde", "+äöü"]),
        ("0123456789abcdef0123456789abcdef", ["0123456789abcdef", "…+0123456789abcdef"]),
    ])
    func `lines come out the same however the bytes are cut`(text: String, expected: [String]) {
        let bytes = Array(text.utf8)
        #expect(split([bytes], limit: 16) == expected)
        for cut in 0...bytes.count {
            #expect(split([Array(bytes[..<cut]), Array(bytes[cut...])], limit: 16) == expected, "cut at \(cut)")
        }
        #expect(split(bytes.map { [$0] }, limit: 16) == expected)
    }

    @Test func `a part that was shown is not shown again when its line ends`() {
        var splitter = LineSplitter()
        var lines: [String] = []
        let emit: (UnsafeRawBufferPointer, Bool) -> Void = {
            lines.append(($1 ? "+" : "") + String(decoding: $0, as: UTF8.self))
        }
        "Password: ".withBytes { splitter.feed($0, at: Timestamp(milliseconds: 5), emit) }
        #expect(lines.isEmpty)
        #expect(splitter.heldSince == Timestamp(milliseconds: 5))
        splitter.flush(emit)
        "\nok\n".withBytes { splitter.feed($0, at: Timestamp(milliseconds: 9), emit) }
        #expect(lines == ["Password: ", "ok"])
        #expect(splitter.heldSince == nil)
    }

    @Test func `a progress bar without newlines holds one state, not its history`() {
        var splitter = LineSplitter()
        var lines: [String] = []
        for step in 0..<100_000 {
            "\r\(step)%".withBytes { bytes in splitter.feed(bytes, at: .epoch) { line, _ in lines.append(line.text) } }
        }
        #expect(lines.isEmpty)
        splitter.finish { line, _ in lines.append(line.text) }
        #expect(lines == ["99999%"])
    }
}
