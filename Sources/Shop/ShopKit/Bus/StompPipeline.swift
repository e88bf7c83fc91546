package import NIOCore

/// Frames out of bytes, for a channel pipeline.
package struct StompFrameDecoder: NIOSingleStepByteToMessageDecoder {
    package typealias InboundOut = StompFrame

    private var parser: StompParser

    package init(limits: StompLimits = StompLimits()) {
        parser = StompParser(limits: limits)
    }

    package mutating func decode(buffer: inout ByteBuffer) throws -> StompFrame? {
        try parser.next(from: &buffer)
    }

    package mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> StompFrame? {
        try parser.next(from: &buffer)
    }
}

/// Bytes out of frames, for a channel pipeline.
package final class StompFrameEncoder: MessageToByteEncoder {
    package typealias OutboundIn = StompFrame

    package init() {}

    package func encode(data: StompFrame, out: inout ByteBuffer) throws {
        out.writeBytes(data.encoded)
    }
}
