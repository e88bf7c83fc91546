import Testing

@testable import FleetManifest

struct EnvironmentFileTests {
    private func parse(_ text: String) -> EnvironmentFile.Contents {
        EnvironmentFile.parse(Array(text.utf8)) { ["HOST": "h", "EMPTY": ""][$0] }
    }

    private func pairs(_ text: String) -> [String] { parse(text).variables.map { "\($0.name)=\($0.value)" } }

    @Test(arguments: [
        ("A=1", ["A=1"]), ("A=1\nB=2\n", ["A=1", "B=2"]), ("A=1\r\nB=2\r\n", ["A=1", "B=2"]), ("", []), ("\n\n", []),
        ("# only\n  # comments", []), ("export A=1", ["A=1"]), ("export\tA = 1 ", ["A=1"]), ("A=", ["A="]),
        ("A=a#b", ["A=a#b"]), ("A=a # b", ["A=a"]), ("A=#b", ["A="]), ("A='a # b'", ["A=a # b"]),
        ("A=\"a # b\" # c", ["A=a # b"]),
        ("A='$HOST ${HOST} \\n'", ["A=$HOST ${HOST} \\n"]), ("A=\"l1\\nl2\\t\\\"q\\\"\"", ["A=l1\nl2\t\"q\""]),
        ("A='l1\nl2'\nB=3", ["A=l1\nl2", "B=3"]), ("A=\"l1\nl2\"", ["A=l1\nl2"]),
        ("A=$HOST/x", ["A=h/x"]), ("A=\"${HOST}!\"", ["A=h!"]), ("A=\"\\$HOST\"", ["A=$HOST"]), ("A=$$5", ["A=$5"]),
        ("A=1\nB=${A}2\nC=${NO:-d}${EMPTY:-e}", ["A=1", "B=12", "C=de"]), ("A=${NO}", ["A="]), ("A=5$", ["A=5$"]),
        ("HOST", ["HOST=h"]), ("NO", []), ("\u{FEFF}A=1", ["A=1"]), ("A=ü", ["A=ü"]), ("A=a b  c ", ["A=a b  c"]),
        ("A.b-c=1", ["A.b-c=1"]),
    ])
    func `lines are read as compose reads them`(text: String, expected: [String]) {
        #expect(pairs(text) == expected)
        #expect(parse(text).problems.isEmpty)
    }

    @Test(arguments: [
        ("A=1\n=2\nB=3", 2, "no name of a variable"), ("1A=2", 1, "no name of a variable"),
        ("\nA B=2", 2, "\"A\" is not followed by ="), ("A='x\ny\n", 1, "the quote of \"A\" is not closed"),
        ("A='x' y", 1, "text behind the quoted value of \"A\""),
    ])
    func `what cannot be read is told with its line`(text: String, line: Int, message: String) {
        #expect(parse(text).problems == [.init(line: line, message: message)])
    }

    @Test func `any bytes are survived`() {
        var state: UInt64 = 99
        for _ in 0..<300 {
            let bytes = (0..<200).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let alphabet = Array("A=\"'$\\{}:-#\n\r exportÿ".utf8)
                return alphabet[Int((state >> 33) % UInt64(alphabet.count))]
            }
            let contents = EnvironmentFile.parse(bytes) { _ in "v" }
            #expect(contents.variables.count <= 200)
        }
    }
}
