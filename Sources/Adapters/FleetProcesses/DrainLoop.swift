internal import CPlatform
internal import FleetEngine
internal import FleetModel
internal import Glibc

/// The body of a drain thread: one epoll set, one buffer, everything owned by that thread.
struct DrainLoop: ~Copyable {
    private struct Source {
        enum Kind {
            case output(LifeKey, LogStream, (any OutputTap)?)
            case capture(OutputCapture)
            case notes(LifeKey, NotifySocket)
            case watch(@Sendable () -> Void)
        }

        let descriptor: Int32
        let kind: Kind
        var carry = LineCarry()

        func belongs(to life: LifeKey) -> Bool {
            if case .output(life, _, _) = kind { true } else { false }
        }

        func hears(_ life: LifeKey) -> Bool {
            if case .notes(life, _) = kind { true } else { false }
        }
    }

    private struct Farewell {
        var key: LifeKey
        /// Monotonic nanoseconds.
        var deadline: Int64
        var done: @Sendable () -> Void
    }

    /// A pipe's largest capacity for an unprivileged process, so one read can empty it.
    private static let bufferSize = 1 << 20
    /// An unfinished line is on disk after this long. Nanoseconds.
    private static let carryLimit: Int64 = 100_000_000
    private static let bellToken: UInt64 = 0

    private let surroundings: DrainThread.Surroundings
    private let bell: EventBell
    private let epoll = fleet_epoll_create()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 4096)
    private var sources: [UInt64: Source] = [:]
    private var nextToken: UInt64 = 1
    private var writers: [ServiceID: SegmentWriter] = [:]
    private var troubled: Set<ServiceID> = []
    /// Tokens of the sources that hold an unfinished line.
    private var carrying: Set<UInt64> = []
    private var farewells: [Farewell] = []

    init(_ surroundings: DrainThread.Surroundings, bell: EventBell) {
        self.surroundings = surroundings
        self.bell = bell
        _ = fleet_epoll_add(epoll, bell.descriptor, Self.bellToken)
    }

    deinit {
        buffer.deallocate()
        if epoll >= 0 { close(epoll) }
    }

    /// Waits for something to read and reads it.
    /// - Returns: false when it was told to stop.
    mutating func turn(taking commands: () -> [DrainThread.Command]) -> Bool {
        var tokens = [UInt64](repeating: 0, count: 64)
        let count = fleet_epoll_wait(epoll, &tokens, 64, timeout)
        var volume = 0
        for token in tokens.prefix(Int(max(0, count))) {
            if token == Self.bellToken { bell.wait() } else { volume += readable(token) }
        }
        // Reads come before commands: a pipe of a finished life that is readable now is emptied first.
        for command in commands() where !perform(command) { return false }
        flushCarries()
        sayFarewells()
        // A service that writes line by line would wake us for each; a millisecond later there are many in one read.
        if volume > 0 && volume < Self.bufferSize / 16 { usleep(1000) }
        return true
    }

    /// Milliseconds until the nearest deadline; -1 = none, so an idle fleet never wakes this thread.
    private var timeout: Int32 {
        let flush = carrying.compactMap { sources[$0]?.carry.since }.min().map { $0 + Self.carryLimit }
        let farewell = farewells.lazy.map(\.deadline).min()
        guard let next = [flush, farewell].compactMap({ $0 }).min() else { return -1 }
        return Int32(clamping: max(0, (next - fleet_monotonic_nanoseconds()) / 1_000_000 + 1))
    }

    // MARK: Commands

    private mutating func perform(_ command: DrainThread.Command) -> Bool {
        switch command {
        case .open(let key, let logging, let outputs):
            let folder = SegmentFolder(stateDirectory: surroundings.stateDirectory, service: key.service)
            writers[key.service, default: SegmentWriter(folder: folder, logging: logging)].adopt(logging)
            for output in outputs {
                add(Source(descriptor: output.descriptor, kind: .output(key, output.stream, output.tap)))
            }
        case .listen(let key, let socket): add(Source(descriptor: socket.descriptor, kind: .notes(key, socket)))
        case .watch(let descriptor, let handler): add(Source(descriptor: descriptor, kind: .watch(handler)))
        case .finish(let key, let limit, let done):
            guard let limit else {
                for token in sources.filter({ $0.value.hears(key) }).map(\.key) {
                    empty(token)
                    end(token)
                }
                done()
                return true
            }
            let deadline = fleet_monotonic_nanoseconds() + limit.wholeNanoseconds
            farewells.append(Farewell(key: key, deadline: deadline, done: done))
        case .capture(let descriptor, let capture):
            add(Source(descriptor: descriptor, kind: .capture(capture)))
        case .stop(let done):
            for (token, source) in sources {
                if case .watch = source.kind {} else { _ = readable(token) }
                end(token)
            }
            for farewell in farewells { farewell.done() }
            done()
            return false
        }
        return true
    }

    private mutating func add(_ source: Source) {
        let token = nextToken
        nextToken += 1
        sources[token] = source
        if fleet_epoll_add(epoll, source.descriptor, token) != 0 { end(token) }
    }

    // MARK: Reading

    /// - Returns: bytes read.
    private mutating func readable(_ token: UInt64) -> Int {
        guard let source = sources[token] else { return 0 }
        switch source.kind {
        case .output, .capture: return readBytes(token, source)
        case .notes(_, let socket): if socket.collect() { socket.arrived() }
        case .watch(let handler):
            end(token)
            handler()
        }
        return 0
    }

    private mutating func readBytes(_ token: UInt64, _ source: Source) -> Int {
        let count = read(source.descriptor, buffer.baseAddress, Self.bufferSize)
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return 0 }
        guard count > 0 else {
            end(token)
            return 0
        }
        let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
        switch source.kind {
        case .capture(let capture): capture.received(bytes)
        case .output(let key, let stream, let tap):
            let time = surroundings.wallTime()
            tap?.received(bytes)
            store(bytes, token, key, stream, time)
            surroundings.sink.received(bytes, from: key.service, key.incarnation, stream, at: time)
        case .notes, .watch: break
        }
        return count
    }

    private mutating func store(
        _ bytes: UnsafeRawBufferPointer,
        _ token: UInt64,
        _ key: LifeKey,
        _ stream: LogStream,
        _ time: Timestamp
    ) {
        guard var carry = sources[token]?.carry else { return }
        sources[token]?.carry = LineCarry()
        writers[key.service]?.append(
            bytes,
            from: SegmentWriter.Source(stream: stream, incarnation: key.incarnation),
            carry: &carry,
            time: time,
            now: fleet_monotonic_nanoseconds()
        )
        if carry.bytes.isEmpty { carrying.remove(token) } else { carrying.insert(token) }
        sources[token]?.carry = carry
        reportTrouble(key.service)
    }

    private mutating func reportTrouble(_ service: ServiceID) {
        guard let trouble = writers[service]?.trouble else {
            troubled.remove(service)
            return
        }
        if troubled.insert(service).inserted { surroundings.storageTrouble(service, trouble) }
    }

    // MARK: Ends

    private mutating func end(_ token: UInt64) {
        guard let source = sources[token] else { return }
        _ = fleet_epoll_remove(epoll, source.descriptor)
        if case .notes(_, let socket) = source.kind { socket.close() } else { close(source.descriptor) }
        switch source.kind {
        case .capture(let capture): capture.ended()
        case .notes, .watch: break
        case .output(let key, let stream, let tap):
            var carry = source.carry
            let origin = SegmentWriter.Source(stream: stream, incarnation: key.incarnation)
            writers[key.service]?.end(&carry, from: origin, time: surroundings.wallTime())
            carrying.remove(token)
            reportTrouble(key.service)
            surroundings.sink.ended(key.service, key.incarnation, stream, at: surroundings.wallTime())
            tap?.ended()
        }
        sources[token] = nil
        if case .output(let key, _, _) = source.kind, !hasSources(of: key.service) { writers[key.service]?.close() }
    }

    private mutating func flush(_ token: UInt64) {
        guard case .output(let key, let stream, _)? = sources[token]?.kind, var carry = sources[token]?.carry else {
            return
        }
        let source = SegmentWriter.Source(stream: stream, incarnation: key.incarnation)
        writers[key.service]?.flush(&carry, from: source, time: surroundings.wallTime())
        sources[token]?.carry = carry
        carrying.remove(token)
        reportTrouble(key.service)
    }

    private mutating func flushCarries() {
        guard !carrying.isEmpty else { return }
        let limit = fleet_monotonic_nanoseconds() - Self.carryLimit
        for token in carrying where (sources[token]?.carry.since ?? 0) <= limit { flush(token) }
    }

    /// Reads what is in the pipe: on a busy machine the time of a farewell may be over before all of it was read. No more
    /// than pipes hold, or a stranger that goes on writing would be listened to for ever.
    private mutating func empty(_ token: UInt64) {
        var rest = 2 * Self.bufferSize
        while rest > 0, case let count = readable(token), count > 0 { rest -= count }
    }

    private mutating func sayFarewells() {
        guard !farewells.isEmpty else { return }
        let now = fleet_monotonic_nanoseconds()
        var waiting: [Farewell] = []
        for farewell in farewells {
            let open = sources.filter { $0.value.belongs(to: farewell.key) }.map(\.key)
            if !open.isEmpty && farewell.deadline > now {
                waiting.append(farewell)
                continue
            }
            // A descriptor that the service gave to a stranger must not keep the life open.
            for token in open {
                empty(token)
                end(token)
            }
            for token in sources.filter({ $0.value.hears(farewell.key) }).map(\.key) { end(token) }
            farewell.done()
        }
        farewells = waiting
    }

    private func hasSources(of service: ServiceID) -> Bool {
        sources.values.contains { source in
            if case .output(let key, _, _) = source.kind { key.service == service } else { false }
        }
    }
}
