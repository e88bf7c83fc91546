/// One STOMP 1.2 frame. A repeated header keeps its first value's meaning, as the specification asks.
package struct StompFrame: Sendable, Equatable {
    package var command: String
    package var headers: [StompHeader]
    package var body: [UInt8]

    package init(_ command: String, _ headers: [StompHeader] = [], body: [UInt8] = []) {
        self.command = command
        self.headers = headers
        self.body = body
    }

    package subscript(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

package struct StompHeader: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension StompFrame {
    /// The frame on the wire, with a `content-length` when there is a body.
    package var encoded: [UInt8] {
        var out = Array(command.utf8)
        out.append(0x0a)
        // CONNECT and CONNECTED do not escape, for the sake of 1.0 servers.
        let escapes = command != "CONNECT" && command != "CONNECTED"
        var headers = headers.filter { $0.name != "content-length" }
        if !body.isEmpty { headers.append(StompHeader("content-length", String(body.count))) }
        for header in headers {
            Self.append(header.name, escaped: escapes, to: &out)
            out.append(0x3a)
            Self.append(header.value, escaped: escapes, to: &out)
            out.append(0x0a)
        }
        out.append(0x0a)
        out.append(contentsOf: body)
        out.append(0)
        return out
    }

    private static func append(_ text: String, escaped: Bool, to out: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case 0x0a: out.append(contentsOf: escaped ? [0x5c, 0x6e] : [0x20])
            case 0x0d: out.append(contentsOf: escaped ? [0x5c, 0x72] : [0x20])
            case 0x3a where escaped: out.append(contentsOf: [0x5c, 0x63])
            case 0x5c where escaped: out.append(contentsOf: [0x5c, 0x5c])
            default: out.append(byte)
            }
        }
    }
}
