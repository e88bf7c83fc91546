import FleetAPI
import FleetModel

/// Looks at a fleet until a question about it has an answer.
struct SnapshotWatch: Sendable {
    let client: any EngineClient
    /// `nil` = as long as it takes.
    let patience: Duration?

    /// - Parameter judge: the answer, or `nil` while there is none.
    /// - Returns: `nil` after the patience.
    /// - Throws: status 3 when the engine goes away before there is an answer; what `judge` throws.
    func first<Answer: Sendable>(
        _ judge: @escaping @Sendable (FleetSnapshot) throws(Failure) -> Answer?
    ) async throws -> Answer? {
        try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { [client] in
                for try await snapshot in try await client.snapshots() {
                    if let answer = try judge(snapshot) { return answer }
                }
                throw Failure.notRunning("the fleet was stopped meanwhile")
            }
            if let patience {
                group.addTask {
                    try await Task.sleep(for: patience)
                    return nil
                }
            }
            defer { group.cancelAll() }
            do {
                return try await group.next() ?? nil
            } catch let error as EngineError {
                throw Failure(error)
            }
        }
    }
}
