internal import CPlatform
internal import Glibc
internal import Synchronization

/// Runs an actor on a thread of its own, so that what may block for milliseconds (spawning, walking /proc, writing a
/// lease) never holds one of the few threads of the cooperative pool.
final class ThreadExecutor: SerialExecutor {
    private let jobs = JobQueue()

    /// - Parameter name: shown by debuggers and `top -H`; at most 15 bytes.
    init(name: String) {
        let jobs = jobs
        DedicatedThread.start(name: name) { jobs.work() }
    }

    // The thread holds the queue, not the executor: jobs keep their actor, and with it the executor, alive.
    deinit { jobs.close() }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(UnownedJob(job), for: asUnownedSerialExecutor())
    }
}

private final class JobQueue: Sendable {
    private struct State {
        var jobs: [(UnownedJob, UnownedSerialExecutor)] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let bell = EventBell(isBlocking: true)

    func add(_ job: UnownedJob, for executor: UnownedSerialExecutor) {
        let wasEmpty = state.withLock { state in
            state.jobs.append((job, executor))
            return state.jobs.count == 1
        }
        if wasEmpty { bell.ring() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        bell.ring()
    }

    func work() {
        while true {
            let (jobs, isClosed) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isClosed)
            }
            for (job, executor) in jobs { job.runSynchronously(on: executor) }
            if !jobs.isEmpty { continue }
            if isClosed { return }
            bell.wait()
        }
    }
}

/// Wakes a thread that reads or polls a descriptor. Rings before a wait are not lost; several count as one.
final class EventBell: Sendable {
    /// Negative when the process has no descriptor left; then ringing and waiting do nothing.
    let descriptor: Int32

    init(isBlocking: Bool) { descriptor = fleet_eventfd(isBlocking ? 1 : 0) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func ring() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Waits when the bell was made blocking; otherwise only resets it.
    func wait() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}

/// A plain thread, for work that waits in the kernel.
enum DedicatedThread {
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// - Returns: whether the system gave us a thread.
    @discardableResult
    static func start(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let error = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                fleet_name_thread(start.name)
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard error == 0 else {
            start.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
