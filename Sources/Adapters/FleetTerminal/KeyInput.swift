import CellGrid
import Glibc

/// Reads the terminal and decodes keys.
struct KeyInput {
    private let descriptor: Int32
    private var decoder: KeyDecoder
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    /// The terminal is gone: end of file or an input error.
    private(set) var hasEnded = false

    init(descriptor: Int32, escapeTimeout: Duration) {
        self.descriptor = descriptor
        decoder = KeyDecoder(escapeTimeout: escapeTimeout)
        start = clock.now
    }

    private var now: Duration { start.duration(to: clock.now) }

    /// How long unfinished input may still wait; `nil` when there is none.
    var remaining: Duration? { decoder.deadline.map { $0 - now } }

    /// Keys that are there now. Never waits: the descriptor stays blocking, because it is shared with the shell, so it is
    /// polled before each read. A flood of input is taken in portions, so that frames are drawn in between.
    mutating func read() -> [Key] {
        var keys: [Key] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<16 {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 0) == 1 else { break }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else {
                hasEnded = true
                break
            }
            keys += decoder.decode(buffer.prefix(count), at: now)
        }
        return keys + decoder.expire(at: now)
    }
}
