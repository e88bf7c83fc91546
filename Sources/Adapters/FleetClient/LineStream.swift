import Foundation
import LeanHTTP

/// Values decoded from the lines of a body, kept for a slow reader.
private let bufferedValues = 4_096

/// Decodes each line of a stream. A reader that does not keep up slows the engine's socket down instead of growing
/// this process: the stream is not read on while `bufferedValues` wait.
func decodedLines<Value: Decodable & Sendable>(of stream: LeanStream) -> AsyncThrowingStream<Value, any Error> {
    AsyncThrowingStream(bufferingPolicy: .bufferingOldest(bufferedValues)) { continuation in
        let task = Task {
            var lines = LineBuffer()
            do {
                for try await chunk in stream {
                    lines.append(chunk)
                    while let line = lines.next() {
                        let value = try JSONDecoder().decode(Value.self, from: line)
                        while case .dropped = continuation.yield(value) { try await Task.sleep(for: .milliseconds(5)) }
                    }
                }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { _ in task.cancel() }
    }
}

private struct LineBuffer {
    private var bytes: [UInt8] = []
    private var start = 0

    mutating func append(_ chunk: [UInt8]) {
        bytes.removeFirst(start)
        start = 0
        bytes += chunk
    }

    /// The next complete line that is not empty.
    mutating func next() -> Data? {
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            defer { start = end + 1 }
            if end > start { return Data(bytes[start..<end]) }
        }
        return nil
    }
}
