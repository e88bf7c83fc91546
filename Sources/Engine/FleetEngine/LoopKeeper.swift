import FleetModel

/// Keeps one loop running for each key that the roster asks for: starts it when the key appears, ends it when the key is
/// gone, and replaces it when its order has changed. Two loops of one key never overlap.
struct LoopKeeper<Key: Hashable & Sendable, Order: Equatable & Sendable>: Sendable {
    private struct Running {
        let order: Order
        let task: Task<Void, Never>
    }

    let book: FleetBook
    let orders: @Sendable (FleetRoster) -> [Key: Order]
    let loop: @Sendable (Key, Order) async -> Void

    /// Returns, with every loop ended, when cancelled or when the book is closed.
    func run() async {
        await withDiscardingTaskGroup { group in
            var running: [Key: Running] = [:]
            for await roster in book.rosters() {
                let wanted = orders(roster)
                var ending: [Key: Task<Void, Never>] = [:]
                for (key, present) in running where wanted[key] != present.order {
                    present.task.cancel()
                    ending[key] = present.task
                    running[key] = nil
                }
                for (key, order) in wanted where running[key] == nil {
                    let task = start(key, order, after: ending[key])
                    running[key] = Running(order: order, task: task)
                    group.addTask {
                        await withTaskCancellationHandler {
                            await task.value
                        } onCancel: {
                            task.cancel()
                        }
                    }
                }
            }
            group.cancelAll()
        }
    }

    // A child of a group cannot be cancelled alone, so the loop is a task of its own that a child of the group guards.
    private func start(_ key: Key, _ order: Order, after previous: Task<Void, Never>?) -> Task<Void, Never> {
        Task {
            await previous?.value
            guard !Task.isCancelled else { return }
            await loop(key, order)
        }
    }
}
