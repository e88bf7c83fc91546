internal import CPlatform
internal import Glibc
internal import Synchronization

/// The socket that one life may tell its state to (sd_notify(3)). It is the life's alone, so that a message needs no
/// sender to be looked up: the helper that sent it has often ended by the time it is read.
final class NotifySocket: Sendable {
    /// Bytes of a message; a longer one is ignored as a whole.
    static let messageLimit = 4096
    /// Messages that wait to be delivered; more are dropped.
    static let backlogLimit = 256

    private struct State {
        var descriptor: Int32
        var messages: [String] = []
        var dropped = 0
    }

    let path: String
    /// Messages came; `take` gives them. Called on a drain thread.
    let arrived: @Sendable () -> Void
    private let state: Mutex<State>

    /// - Returns: `nil` when the path is too long or its folder cannot be written.
    init?(path: String, arrived: @escaping @Sendable () -> Void) {
        let descriptor = fleet_notify_socket(path)
        guard descriptor >= 0 else { return nil }
        self.path = path
        self.arrived = arrived
        state = Mutex(State(descriptor: descriptor))
    }

    deinit { close() }

    /// To wait on; negative when it is closed.
    var descriptor: Int32 { state.withLock { $0.descriptor } }

    /// Messages that were too long, no text, or too many.
    var dropped: Int { state.withLock { $0.dropped } }

    /// Reads what has been sent, without waiting.
    /// - Returns: whether messages wait.
    func collect() -> Bool {
        state.withLock { state in
            guard state.descriptor >= 0 else { return false }
            var buffer = [UInt8](repeating: 0, count: Self.messageLimit)
            // Bounded: a service that sends without pause must not hold its reader.
            for _ in 0..<Self.backlogLimit {
                let count = fleet_receive(state.descriptor, &buffer, Int32(Self.messageLimit))
                guard count >= 0 else { break }
                guard count > 0, count <= Self.messageLimit, state.messages.count < Self.backlogLimit,
                    let text = String(validating: buffer.prefix(Int(count)), as: UTF8.self)
                else {
                    state.dropped += 1
                    continue
                }
                state.messages.append(text)
            }
            return !state.messages.isEmpty
        }
    }

    /// In the order in which they were sent, each once.
    func take() -> [String] {
        state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// Nothing can be sent from now on.
    func close() {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            Glibc.close(state.descriptor)
            state.descriptor = -1
            unlink(path)
        }
    }
}

/// Where notification sockets lie. A unix socket's address has room for 107 bytes only, so the folder is the first of
/// several that is short enough.
struct NotifyFolder: Sendable {
    /// Some systems and tools have less room than Linux.
    private static let pathLimit = 100
    private static let nameLength = 19

    /// `nil` when none is short enough.
    let path: String?

    init(_ settings: HostSettings) {
        let socket = settings.guardianOrders.socketPath
        let runtime = socket.lastIndex(of: "/").map { String(socket[..<$0]) }
        let shared = "/tmp/fleet-\(geteuid())/n-\(Hash.fnv1a(settings.stateDirectory))"
        path = [runtime, settings.stateDirectory, shared].compactMap { $0 }.first {
            !$0.isEmpty && $0.utf8.count + Self.nameLength <= Self.pathLimit
        }
    }

    /// The socket of a life, which is told by its tag.
    func path(for tag: String) -> String? { path.map { "\($0)/n-\(Hash.fnv1a(tag))" } }

    /// Creates the folder and removes the sockets of engines that were killed.
    func prepare() {
        guard let path, SmallFile.makeFolder(path) == 0 else { return }
        for name in SmallFile.names(in: path) where name.hasPrefix("n-") && name.utf8.count == Self.nameLength - 1 {
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { continue }
            unlink("\(path)/\(name)")
        }
    }
}
