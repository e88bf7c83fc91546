internal import CPlatform
internal import Glibc
internal import Synchronization

/// A descriptor that is closed when nobody refers to it any more.
final class OwnedDescriptor: Sendable {
    let rawValue: Int32

    init(_ rawValue: Int32) { self.rawValue = rawValue }

    deinit { if rawValue >= 0 { close(rawValue) } }
}

/// The writing side of a life's standard input: a terminal's master or a pipe. Never waits for the service to read.
final class LifeInput: Sendable {
    enum Outcome: Hashable {
        case written
        /// The service does not read at the moment; `flush` goes on later.
        case waiting
        /// It has not read for so long that no more is kept, or it cannot read any more.
        case refused
    }

    /// Bytes that are kept for a service that does not read.
    static let limit = 256 << 10

    private struct State {
        var waiting: [UInt8] = []
        var isLookedAfter = false
    }

    private let descriptor: OwnedDescriptor
    private let state = Mutex(State())

    /// - Parameter descriptor: does not block.
    init(_ descriptor: OwnedDescriptor) { self.descriptor = descriptor }

    func write(_ bytes: [UInt8]) -> Outcome {
        state.withLock { state in
            guard bytes.count <= Self.limit - state.waiting.count else { return .refused }
            state.waiting += bytes
            return send(&state.waiting)
        }
    }

    /// Tries again with what is kept.
    func flush() -> Outcome { state.withLock { send(&$0.waiting) } }

    /// - Returns: true for one caller, who calls `flush` from now on until nothing waits, then `stopLookingAfter`.
    func startLookingAfter() -> Bool {
        state.withLock { state in
            defer { state.isLookedAfter = true }
            return !state.isLookedAfter
        }
    }

    func stopLookingAfter() { state.withLock { $0.isLookedAfter = false } }

    func resize(columns: Int, rows: Int) {
        _ = fleet_resize_terminal(descriptor.rawValue, Int32(clamping: columns), Int32(clamping: rows))
    }

    private func send(_ waiting: inout [UInt8]) -> Outcome {
        var done = 0
        defer { waiting.removeFirst(done) }
        while done < waiting.count {
            let count = waiting.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                return rest.baseAddress.map { fleet_write_some(descriptor.rawValue, $0, Int32(rest.count)) } ?? 0
            }
            if count > 0 {
                done += Int(count)
            } else if count == -EAGAIN || count == 0 {
                return .waiting
            } else {
                done = waiting.count
                return .refused
            }
        }
        return .written
    }
}
