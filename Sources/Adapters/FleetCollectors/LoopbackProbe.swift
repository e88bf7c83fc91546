import FleetModel
import Foundation
import Synchronization

/// The short way to a healthy answer from this machine: one thread, plain sockets, no pipeline of handlers. Fifty services
/// that are asked every second are most of what an idle engine does.
///
/// It only knows good news. Whatever is not a plain success is for the thorough client to ask again and to describe.
final class LoopbackProbe: Sendable {
    static let shared = LoopbackProbe()

    enum Answer: Sendable, Equatable {
        case connected
        /// A whole response with this status.
        case status(Int)
    }

    /// A connection to be made, and what to send when it stands.
    private struct Job {
        var addresses: [LoopbackAddress]
        var request: [UInt8]
        var deadline: ContinuousClock.Instant
        var done: CheckedContinuation<Answer?, Never>
    }

    private let submitted = Mutex<[Job]>([])
    private let wakeUp: (reading: Int32, writing: Int32)?

    private init() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            wakeUp = nil
            return
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wakeUp = (ends[0], ends[1])
        Thread.detachNewThread { [self] in run() }
    }

    /// Nobody but this machine's loopback is asked. With an empty request a connection is all that is wanted.
    ///
    /// - Returns: `nil` when there is no quick good answer, for whatever reason.
    func ask(_ host: String, _ port: Int, request: [UInt8], within timeout: Duration) async -> Answer? {
        let addresses = LoopbackAddress.all(of: host, port)
        guard let wakeUp, !addresses.isEmpty, timeout > .zero else { return nil }
        let deadline = ContinuousClock.now + timeout
        return await withCheckedContinuation { continuation in
            let job = Job(addresses: addresses, request: request, deadline: deadline, done: continuation)
            let isFirst = submitted.withLock { jobs in
                jobs.append(job)
                return jobs.count == 1
            }
            // One call wakes the thread for all that are submitted until it takes them.
            guard isFirst else { return }
            var byte: UInt8 = 0
            _ = write(wakeUp.writing, &byte, 1)
        }
    }

    private func run() {
        guard let wakeUp else { return }
        var exchanges: [(exchange: LoopbackExchange, done: CheckedContinuation<Answer?, Never>)] = []
        while true {
            var entries = [pollfd(fd: wakeUp.reading, events: Int16(POLLIN), revents: 0)]
            entries += exchanges.map { pollfd(fd: $0.exchange.descriptor, events: $0.exchange.interest, revents: 0) }
            _ = poll(&entries, nfds_t(entries.count), Self.pause(exchanges.map(\.exchange.deadline).min()))
            let now = ContinuousClock.now
            for index in exchanges.indices
            where entries[index + 1].revents != 0 || exchanges[index].exchange.deadline <= now {
                exchanges[index].exchange.advance(isLate: exchanges[index].exchange.deadline <= now)
            }
            if entries[0].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 256)
                _ = read(wakeUp.reading, &bytes, bytes.count)
                let jobs = submitted.withLock { jobs in
                    defer { jobs = [] }
                    return jobs
                }
                for job in jobs {
                    exchanges.append((LoopbackExchange(job.addresses, job.request, job.deadline), job.done))
                }
            }
            exchanges.removeAll { exchange, done in
                guard case .over(let answer) = exchange.phase else { return false }
                done.resume(returning: answer)
                return true
            }
        }
    }

    /// Milliseconds for poll(2), rounded up.
    private static func pause(_ deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let rest = ContinuousClock.now.duration(to: deadline)
        guard rest > .zero else { return 0 }
        return Int32(
            clamping: rest.components.seconds &* 1000 &+ rest.components.attoseconds / 1_000_000_000_000_000 &+ 1
        )
    }
}
