import FleetModel
import Synchronization

/// Which checks answer plainly, so that nobody is asked twice as a rule: the quick way is taken only after the thorough one
/// has passed, and never for a check that passes in a way which the quick one does not understand, such as a redirect.
final class ProbeHabits: Sendable {
    private enum Habit { case plain, peculiar }

    private let known = Mutex<[ProbeSpec.HTTPCheck: Habit]>([:])
    /// Manifests that are reloaded for ever shall not fill the memory.
    private static let limit = 4_096

    func isPlain(_ check: ProbeSpec.HTTPCheck) -> Bool { known.withLock { $0[check] == .plain } }

    /// The thorough way was taken at once.
    func asked(_ check: ProbeSpec.HTTPCheck, passed: Bool) {
        known.withLock { known in
            guard passed, known[check] == nil else { return }
            if known.count >= Self.limit { known.removeAll() }
            known[check] = .plain
        }
    }

    /// The thorough way was taken after the quick one had no good answer.
    func askedAgain(_ check: ProbeSpec.HTTPCheck, passed: Bool) {
        known.withLock { $0[check] = passed ? .peculiar : nil }
    }
}
