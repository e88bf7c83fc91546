import Synchronization

/// What came back since the last report.
final class Tally: Sendable {
    struct Counts: Sendable {
        var good = 0
        var refused = 0
        var failed = 0
        var unanswered = 0
        /// Errands not run because too many were under way.
        var skipped = 0

        var total: Int { good + refused + failed + unanswered }
    }

    private let counts = Mutex(Counts())

    func count(status: Int?) {
        counts.withLock { counts in
            switch status {
            case nil: counts.unanswered += 1
            case .some(..<400): counts.good += 1
            case .some(..<500): counts.refused += 1
            default: counts.failed += 1
            }
        }
    }

    func skip() {
        counts.withLock { $0.skipped += 1 }
    }

    func take() -> Counts {
        counts.withLock { counts in
            defer { counts = Counts() }
            return counts
        }
    }
}
