import FleetConsole
import Foundation
import Synchronization

/// Inputs from other threads for the console's thread, which sleeps in `poll` and is woken through a pipe.
final class ConsoleInbox: Sendable {
    private let waiting = Mutex<[ConsoleInput]>([])
    /// Readable while inputs wait.
    let descriptor: Int32
    private let writeEnd: Int32

    init() throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .failed("no pipe to be had: \(String(cString: strerror(errno)))") }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        descriptor = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(descriptor)
        close(writeEnd)
    }

    func post(_ input: ConsoleInput) {
        let wasEmpty = waiting.withLock { waiting in
            let wasEmpty = waiting.isEmpty
            // While the terminal belongs to a service nobody takes inputs; of snapshots only the newest matters then.
            if case .snapshot = input, case .snapshot = waiting.last { waiting.removeLast() }
            waiting.append(input)
            return wasEmpty
        }
        guard wasEmpty else { return }
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    func take() -> [ConsoleInput] {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
        return waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
