import Foundation
import Testing

@testable import FleetAPI

struct TerminalChunkTests {
    @Test func `bytes of a terminal survive JSON, whatever they are`() throws {
        for count in 0...70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 201) }
            let text = try JSONEncoder().encode(TerminalChunk(bytes: bytes))
            #expect(
                String(decoding: text, as: UTF8.self)
                    == "\"\(Data(bytes).base64EncodedString())\"".replacing("/", with: "\\/")
            )
            #expect(try JSONDecoder().decode(TerminalChunk.self, from: text) == TerminalChunk(bytes: bytes))
        }
    }

    @Test(arguments: ["\"a\"", "\"ab=c\"", "\"====\"", "\"a b=\"", "\"äbc\"", "1"])
    func `what is not base64 is refused`(text: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(TerminalChunk.self, from: Data(text.utf8))
        }
    }
}
