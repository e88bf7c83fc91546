package import NIOCore

/// What a peer may send at most; beyond it the connection ends.
package struct StompLimits: Sendable {
    /// Command and headers together, in bytes.
    package var head = 16 << 10
    package var headerCount = 64
    /// Body, in bytes.
    package var body = 1 << 20

    package init() {}
}

package enum StompError: Error, Equatable {
    case headTooLarge
    case tooManyHeaders
    case bodyTooLarge
    case malformedHeader
    case undefinedEscape
    case notUTF8
    case missingTerminator
    case badContentLength
    case unknownCommand(String)
}

/// Reads frames from the bytes of one connection as they arrive. Nothing a peer sends makes it keep more than
/// the limits, and an unfinished body is not searched twice.
package struct StompParser: Sendable {
    private struct Head {
        var command: String
        var headers: [StompHeader]
        /// The announced length of the body; nil when the body ends at the first NUL.
        var contentLength: Int?
    }

    private static let commands: Set<String> = [
        "CONNECT", "STOMP", "CONNECTED", "SEND", "SUBSCRIBE", "UNSUBSCRIBE", "ACK", "NACK", "BEGIN", "COMMIT",
        "ABORT", "DISCONNECT", "MESSAGE", "RECEIPT", "ERROR",
    ]

    private let limits: StompLimits
    private var head: Head?
    /// Bytes after the reader index already known to hold no terminator.
    private var searched = 0

    package init(limits: StompLimits = StompLimits()) {
        self.limits = limits
    }

    /// The next whole frame, taken off the front of `buffer`; nil when more bytes are needed.
    package mutating func next(from buffer: inout ByteBuffer) throws(StompError) -> StompFrame? {
        if head == nil {
            guard let lines = try takeHead(from: &buffer) else { return nil }
            head = try Self.parse(lines, limits)
        }
        guard let head, let body = try takeBody(head, from: &buffer) else { return nil }
        self.head = nil
        return StompFrame(head.command, head.headers, body: body)
    }

    /// Command and header lines, up to the blank line that ends them.
    private mutating func takeHead(from buffer: inout ByteBuffer) throws(StompError) -> [ArraySlice<UInt8>]? {
        while searched == 0, let byte = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self),
            byte == 0x0a || byte == 0x0d
        {
            // Line ends between frames are heart-beats.
            buffer.moveReaderIndex(forwardBy: 1)
        }
        let view = buffer.readableBytesView
        var index = view.startIndex + searched
        while index < view.endIndex {
            if view[index] == 0x0a, Self.endsHead(view, at: index) {
                let length = index - view.startIndex + 1
                guard length <= limits.head else { throw .headTooLarge }
                let bytes = buffer.readBytes(length: length) ?? []
                searched = 0
                return Self.lines(bytes)
            }
            index += 1
        }
        guard view.count <= limits.head else { throw .headTooLarge }
        searched = view.count
        return nil
    }

    /// Whether the line feed at `index` ends an empty line.
    private static func endsHead(_ view: ByteBufferView, at index: Int) -> Bool {
        let previous = index - 1
        guard previous >= view.startIndex else { return false }
        if view[previous] == 0x0a { return true }
        return view[previous] == 0x0d && previous - 1 >= view.startIndex && view[previous - 1] == 0x0a
    }

    private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: 0x0a).map { $0.last == 0x0d ? $0.dropLast() : $0 }.filter { !$0.isEmpty }
    }

    private static func parse(_ lines: [ArraySlice<UInt8>], _ limits: StompLimits) throws(StompError) -> Head {
        guard let first = lines.first, let command = String(validating: first, as: UTF8.self) else { throw .notUTF8 }
        guard commands.contains(command) else { throw .unknownCommand(String(command.prefix(32))) }
        guard lines.count - 1 <= limits.headerCount else { throw .tooManyHeaders }
        let unescapes = command != "CONNECT" && command != "CONNECTED"
        var head = Head(command: command, headers: [])
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: 0x3a) else { throw .malformedHeader }
            let name = try text(line[..<colon], unescapes: unescapes)
            let value = try text(line[(colon + 1)...], unescapes: unescapes)
            head.headers.append(StompHeader(name, value))
            guard name == "content-length", head.contentLength == nil else { continue }
            guard let length = Int(value), length >= 0 else { throw .badContentLength }
            guard length <= limits.body else { throw .bodyTooLarge }
            head.contentLength = length
        }
        return head
    }

    private static func text(_ bytes: ArraySlice<UInt8>, unescapes: Bool) throws(StompError) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            guard unescapes, byte == 0x5c else {
                out.append(byte)
                continue
            }
            guard index < bytes.endIndex else { throw .undefinedEscape }
            switch bytes[index] {
            case 0x6e: out.append(0x0a)
            case 0x72: out.append(0x0d)
            case 0x63: out.append(0x3a)
            case 0x5c: out.append(0x5c)
            default: throw .undefinedEscape
            }
            index += 1
        }
        guard let text = String(validating: out, as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    private mutating func takeBody(_ head: Head, from buffer: inout ByteBuffer) throws(StompError) -> [UInt8]? {
        if let length = head.contentLength {
            guard buffer.readableBytes > length else { return nil }
            let body = buffer.readBytes(length: length)
            guard buffer.readInteger(as: UInt8.self) == 0 else { throw .missingTerminator }
            return body
        }
        let view = buffer.readableBytesView
        guard let end = view.dropFirst(searched).firstIndex(of: 0) else {
            guard view.count <= limits.body else { throw .bodyTooLarge }
            searched = view.count
            return nil
        }
        let length = end - view.startIndex
        guard length <= limits.body else { throw .bodyTooLarge }
        searched = 0
        let body = buffer.readBytes(length: length)
        buffer.moveReaderIndex(forwardBy: 1)
        return body
    }
}
