import FleetModel
import Testing

@testable import FleetCollectors

struct LoopbackProbeTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200),
        ("HTTP/1.0 204 No Content\r\n\r\n", 204),
        ("HTTP/1.1 503 Busy\r\ncontent-length:0\r\n\r\n", 503),
        ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200),
    ])
    func `a whole response is known before its connection ends`(text: String, status: Int) {
        let bytes = Array(text.utf8)
        #expect(WholeResponse.status(of: bytes, isAtEnd: false) == status)
        // A 204 has no body: the end of its head is its end. Everything else needs its last byte.
        #expect(WholeResponse.status(of: bytes.dropLast(), isAtEnd: false) == nil)
    }

    @Test func `without a length the end of the connection is the end of the response`() {
        let bytes = Array("HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello".utf8)
        #expect(WholeResponse.status(of: bytes, isAtEnd: false) == nil)
        #expect(WholeResponse.status(of: bytes, isAtEnd: true) == 200)
    }

    @Test(arguments: [
        "", "\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 99 x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    ])
    func `what is no response is nobody's health`(text: String) {
        #expect(WholeResponse.status(of: Array(text.utf8), isAtEnd: true) == nil)
    }

    @Test func `only this machine is asked`() {
        #expect(LoopbackAddress.all(of: "localhost", 80).count == 2)
        #expect(LoopbackAddress.all(of: "example.com", 80).isEmpty)
        #expect(LoopbackAddress.all(of: "127.0.0.1", 70_000).isEmpty)
    }

    @Test func `many at once are all answered, each for itself`() async throws {
        let closed = try ReservedPort()
        let (listener, port) = try RawSocket.listen()
        await withTaskGroup(of: (isOpen: Bool, answer: LoopbackProbe.Answer?).self) { group in
            for index in 0..<60 {
                let isOpen = index.isMultiple(of: 2)
                group.addTask { [number = closed.number] in
                    let target = isOpen ? port : number
                    let answer = await LoopbackProbe.shared.ask("127.0.0.1", target, request: [], within: .seconds(60))
                    return (isOpen, answer)
                }
            }
            for await (isOpen, answer) in group { #expect(answer == (isOpen ? .connected : nil)) }
        }
        withExtendedLifetime((listener, closed)) {}
    }

    @Test func `who says nothing is given up in time`() async throws {
        let (listener, port) = try RawSocket.listen()
        let request = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        #expect(await LoopbackProbe.shared.ask("localhost", port, request: request, within: .milliseconds(50)) == nil)
        withExtendedLifetime(listener) {}
    }
}
