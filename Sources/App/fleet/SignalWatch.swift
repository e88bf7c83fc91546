import Foundation
import Synchronization

/// Calls back, off the signal handler, for signals. When several watches want one signal, the latest gets it.
final class SignalWatch: Sendable {
    /// Gets the signal and how many of them there were.
    typealias Handler = @Sendable (Int32, Int) -> Void

    /// The signals that ask to end, as a terminal or a service manager sends them.
    static let endings = [SIGINT, SIGTERM, SIGHUP]

    private let ticket: Int

    /// From now on none of these signals has its default action, also after `stop`.
    init(_ numbers: [Int32] = SignalWatch.endings, _ handler: @escaping Handler) {
        ticket = SignalDesk.shared.add(numbers, handler)
    }

    deinit { stop() }

    func stop() { SignalDesk.shared.remove(ticket) }
}

/// The process's signal sources. Each is made once and kept: a second source for a signal whose first one is being
/// cancelled may never fire.
private final class SignalDesk: Sendable {
    private struct Watch {
        var ticket: Int
        var numbers: [Int32]
        var counts: [Int32: Int] = [:]
        var handler: SignalWatch.Handler
    }

    private struct Content {
        var lastTicket = 0
        var watches: [Watch] = []
        var known: Set<Int32> = []
    }

    static let shared = SignalDesk()

    private let queue = DispatchQueue(label: "fleet.signals")
    private let content = Mutex(Content())

    func add(_ numbers: [Int32], _ handler: @escaping SignalWatch.Handler) -> Int {
        let (ticket, fresh) = content.withLock { content in
            content.lastTicket += 1
            content.watches.append(Watch(ticket: content.lastTicket, numbers: numbers, handler: handler))
            let fresh = numbers.filter { content.known.insert($0).inserted }
            return (content.lastTicket, fresh)
        }
        for number in fresh { open(number) }
        return ticket
    }

    func remove(_ ticket: Int) {
        content.withLock { $0.watches.removeAll { $0.ticket == ticket } }
    }

    private func open(_ number: Int32) {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        // The handler keeps the source, for the life of the process.
        source.setEventHandler { [self] in withExtendedLifetime(source) { deliver(number) } }
        source.resume()
    }

    private func deliver(_ number: Int32) {
        let call = content.withLock { content -> (SignalWatch.Handler, Int)? in
            guard let index = content.watches.lastIndex(where: { $0.numbers.contains(number) }) else { return nil }
            content.watches[index].counts[number, default: 0] += 1
            return (content.watches[index].handler, content.watches[index].counts[number, default: 0])
        }
        if let (handler, count) = call { handler(number, count) }
    }
}

/// Remembers a request to end that arrives while an engine is being started and nobody can deal with it yet: a terminal
/// that is closed, or a Ctrl-C, in that moment must not leave a fleet behind that nobody stops.
///
/// By plain handlers and not by a watch: the sources of a watch would take the signals for good, also from the screen
/// that is opened next.
struct EarlySignals {
    /// The first one; 0 = none. A handler may do no more than set it.
    private static let first = Atomic<Int32>(0)

    init() {
        for number in SignalWatch.endings {
            signal(number) { number in
                _ = EarlySignals.first.compareExchange(expected: 0, desired: number, ordering: .relaxed)
            }
        }
    }

    /// The first signal that arrived, if any. Whoever opens something next has handlers of its own.
    func finish() -> Int32? {
        let number = Self.first.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }
}
