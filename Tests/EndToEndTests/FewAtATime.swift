import Testing

/// Lets only a few of these tests run at the same time: each starts processes of its own, and a machine with two cores
/// that starts thirty fleets at once measures nothing but its own overload.
struct FewAtATime: SuiteTrait, TestTrait, TestScoping {
    /// Tests of this target that run at once.
    private static let seats = Seats(5)

    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        await Self.seats.take()
        do {
            try await function()
        } catch {
            await Self.seats.giveBack()
            throw error
        }
        await Self.seats.giveBack()
    }
}

extension Trait where Self == FewAtATime {
    static var fewAtATime: FewAtATime { FewAtATime() }
}

/// A counting semaphore whose waiters hold no thread.
private actor Seats {
    private var free: Int
    private var queue: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { queue.append($0) }
    }

    func giveBack() {
        guard !queue.isEmpty else {
            free += 1
            return
        }
        queue.removeFirst().resume()
    }
}
