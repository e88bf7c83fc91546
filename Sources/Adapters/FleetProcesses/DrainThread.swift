internal import CPlatform
internal import FleetEngine
internal import FleetModel
internal import Glibc
internal import Synchronization

/// One life of one service.
struct LifeKey: Hashable, Sendable {
    var service: ServiceID
    var incarnation: Incarnation
}

/// One stream of a life's output.
struct LifeOutput: Sendable {
    var descriptor: Int32
    var stream: LogStream
    /// Also gets the bytes.
    var tap: (any OutputTap)?
}

/// Whoever wants a service's bytes besides its log. Called on a drain thread, which it must not hold up.
protocol OutputTap: Sendable {
    func received(_ bytes: UnsafeRawBufferPointer)
    func ended()
}

/// Reads the output of services on a thread of its own: it waits for nothing but the pipes, and for the disk as long as
/// a write to the page cache takes.
final class DrainThread: Sendable {
    enum Command: Sendable {
        /// Takes over the descriptors.
        case open(LifeKey, LoggingSpec, [LifeOutput])
        /// Reads the life's notifications until it is finished, then closes the socket.
        case listen(LifeKey, NotifySocket)
        /// Takes over the descriptor; calls once when it becomes readable.
        case watch(Int32, @Sendable () -> Void)
        /// Calls `done` when all streams have ended; after `within` they are abandoned if they have not. `nil` =
        /// whenever they end, and `done` at once.
        case finish(LifeKey, within: Duration?, done: @Sendable () -> Void)
        /// Takes over the descriptor; keeps the beginning of what is read from it.
        case capture(Int32, OutputCapture)
        /// Abandons everything and ends the thread.
        case stop(done: @Sendable () -> Void)
    }

    /// What the loop needs of the world.
    struct Surroundings: Sendable {
        var stateDirectory: String
        var sink: any LogSink
        var wallTime: @Sendable () -> Timestamp
        /// Once per service and outage.
        var storageTrouble: @Sendable (ServiceID, String) -> Void
    }

    private struct Inbox {
        var commands: [Command] = []
        /// The thread is gone, or about to go without looking here again.
        var isClosed = false
    }

    private let inbox = Mutex(Inbox())
    private let bell = EventBell(isBlocking: false)

    init(_ surroundings: Surroundings) {
        let bell = bell
        let isStarted = DedicatedThread.start(name: "fleet-drain") { [self] in
            var loop = DrainLoop(surroundings, bell: bell)
            while loop.turn(taking: take) {}
        }
        if !isStarted { inbox.withLock { $0.isClosed = true } }
    }

    func send(_ command: Command) {
        let isTaken = inbox.withLock { inbox in
            if !inbox.isClosed { inbox.commands.append(command) }
            return !inbox.isClosed
        }
        if isTaken { bell.ring() } else { Self.refuse(command) }
    }

    /// Up to a stop; what came behind it is refused.
    private func take() -> [Command] {
        let (commands, refused) = inbox.withLock { inbox -> ([Command], [Command]) in
            defer { inbox.commands = [] }
            let stop = inbox.commands.firstIndex { if case .stop = $0 { true } else { false } }
            guard let stop else { return (inbox.commands, []) }
            inbox.isClosed = true
            return (Array(inbox.commands[...stop]), Array(inbox.commands[(stop + 1)...]))
        }
        for command in refused { Self.refuse(command) }
        return commands
    }

    /// Nobody is left to do it; nobody may wait for it either.
    private static func refuse(_ command: Command) {
        switch command {
        case .open(_, _, let outputs): for output in outputs { close(output.descriptor) }
        case .listen(_, let socket): socket.close()
        case .watch(let descriptor, _): close(descriptor)
        case .capture(let descriptor, let capture):
            close(descriptor)
            capture.ended()
        case .finish(_, _, let done), .stop(let done): done()
        }
    }
}

/// The first bytes that a short-lived command printed.
final class OutputCapture: OutputTap {
    private let limit: Int
    private let state = Mutex((bytes: [UInt8](), hasEnded: false))

    init(limit: Int) { self.limit = limit }

    func received(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { $0.bytes.append(contentsOf: bytes.prefix(limit - $0.bytes.count)) }
    }

    func ended() { state.withLock { $0.hasEnded = true } }

    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// The first line that is not blank, control characters removed.
    var firstLine: String? {
        let text = String(decoding: state.withLock { $0.bytes }, as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).lazy
            .map { $0.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F } }
            .first { !$0.isEmpty && !$0.allSatisfy(\.properties.isWhitespace) }
        return line.map { String(String.UnicodeScalarView($0)) }
    }
}
