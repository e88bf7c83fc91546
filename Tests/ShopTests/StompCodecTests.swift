import NIOCore
import ShopKit
import Testing

struct StompCodecTests {
    private func parse(_ bytes: [UInt8], limits: StompLimits = StompLimits()) throws -> [StompFrame] {
        var parser = StompParser(limits: limits)
        var buffer = ByteBuffer(bytes: bytes)
        var frames: [StompFrame] = []
        while let frame = try parser.next(from: &buffer) { frames.append(frame) }
        return frames
    }

    private func parse(_ text: String) throws -> [StompFrame] { try parse(Array(text.utf8)) }

    @Test func `a frame has a command, headers and a body`() throws {
        let frame = try #require(try parse("SEND\ndestination:/queue/a\nx:1\n\nhello\0").first)
        #expect(
            frame == StompFrame("SEND", [.init("destination", "/queue/a"), .init("x", "1")], body: Array("hello".utf8))
        )
    }

    @Test func `line ends between frames are heart-beats, and lines may end in CRLF`() throws {
        let frames = try parse("\n\r\nSEND\r\ndestination:/queue/a\r\n\r\nx\0\n\n\nDISCONNECT\n\n\0\n")
        #expect(frames.map(\.command) == ["SEND", "DISCONNECT"])
        #expect(frames.first?["destination"] == "/queue/a")
    }

    @Test func `the first of a repeated header counts`() throws {
        #expect(try parse("SEND\na:1\na:2\n\n\0").first?["a"] == "1")
    }

    @Test func `a body with a length may contain NUL`() throws {
        #expect(try parse("SEND\ncontent-length:3\n\na\0b\0").first?.body == [0x61, 0, 0x62])
    }

    @Test func `headers are escaped on the wire and come back as they were`() throws {
        let frame = StompFrame("SEND", [.init("k:e\\y", "line\nand\rcolon: \\ end")], body: [0, 1, 2])
        #expect(try parse(frame.encoded).map { $0.headers.dropLast() } == [frame.headers[...]])
        #expect(try parse(frame.encoded).first?.body == [0, 1, 2])
    }

    @Test func `CONNECT is not unescaped`() throws {
        #expect(try parse("CONNECT\npasscode:a\\nb\n\n\0").first?["passcode"] == "a\\nb")
    }

    @Test func `frames arrive whole however the bytes are cut`() throws {
        let bytes = Array("SEND\na:1\n\nxy\0\nSEND\ncontent-length:2\n\n\0\0\0ACK\nid:7\n\n\0".utf8)
        let whole = try parse(bytes)
        #expect(whole.count == 3)
        for cut in 1..<bytes.count {
            var parser = StompParser()
            var buffer = ByteBuffer(bytes: bytes[..<cut])
            var frames: [StompFrame] = []
            while let frame = try parser.next(from: &buffer) { frames.append(frame) }
            buffer.writeBytes(bytes[cut...])
            while let frame = try parser.next(from: &buffer) { frames.append(frame) }
            #expect(frames == whole, "cut at \(cut)")
        }
    }

    @Test(arguments: [
        ("HELLO\n\n\0", StompError.unknownCommand("HELLO")),
        ("SEND\nno colon\n\n\0", .malformedHeader),
        ("SEND\na:b\\t\n\n\0", .undefinedEscape),
        ("SEND\na:b\\\n\n\0", .undefinedEscape),
        ("SEND\ncontent-length:x\n\n\0", .badContentLength),
        ("SEND\ncontent-length:-1\n\n\0", .badContentLength),
        ("SEND\ncontent-length:99999999999999999999\n\n\0", .badContentLength),
        ("SEND\ncontent-length:1\n\nabc\0", .missingTerminator),
        ("SEND\ncontent-length:2000000\n\n", .bodyTooLarge),
    ])
    func `a malformed frame is refused`(text: String, error: StompError) {
        #expect(throws: error) { try parse(text) }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: StompError.notUTF8) { try parse(Array("SEND\na:".utf8) + [0xff, 0x0a, 0x0a, 0]) }
    }

    @Test func `nothing grows beyond its limit`() {
        var limits = StompLimits()
        limits.head = 64
        limits.headerCount = 2
        limits.body = 8
        let long = [UInt8](repeating: 0x61, count: 100)
        #expect(throws: StompError.headTooLarge) { try parse(Array("SEND\na:".utf8) + long, limits: limits) }
        #expect(throws: StompError.tooManyHeaders) {
            try parse(Array("SEND\na:1\nb:2\nc:3\n\n\0".utf8), limits: limits)
        }
        #expect(throws: StompError.bodyTooLarge) { try parse(Array("SEND\n\n".utf8) + long, limits: limits) }
        #expect(throws: StompError.bodyTooLarge) { try parse(Array("SEND\n\n".utf8) + long + [0], limits: limits) }
    }

    @Test func `no bytes make the parser trap`() {
        var random = SplitMix(state: 42)
        let pieces = ["SEND", "\n", "\r", ":", "\0", "\\", "content-length:", "9", "\u{ff}", "ACK\n", "\n\n"].map {
            Array($0.utf8)
        }
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 1...12, using: &random)).flatMap { _ in
                pieces.randomElement(using: &random) ?? []
            }
            _ = try? parse(bytes)
        }
    }
}

/// A small seeded generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
