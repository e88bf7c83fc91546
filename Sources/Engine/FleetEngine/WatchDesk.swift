import FleetModel
import FleetSupervision
import Synchronization

/// The file watch of one service: what has changed and is not acted upon yet, and whether it still reacts.
final class FileWatch: Sendable {
    let bell = NewsBell()
    private let debouncer: Mutex<WatchDebouncer>

    init(_ rules: [WatchRule]) { debouncer = Mutex(WatchDebouncer(rules)) }

    func feed(_ change: FileChange, at now: Moment) {
        debouncer.withLock { debouncer in
            switch change {
            case .changed(let path): debouncer.feed(path, at: now)
            case .overflow: debouncer.feedOverflow(at: now)
            case .trouble: break
            }
        }
        bell.ring()
    }

    var nextDeadline: Moment? { debouncer.withLock { $0.nextDeadline } }

    var status: WatchStatus { debouncer.withLock { $0.status } }

    func fire(at now: Moment) -> [WatchDebouncer.Batch] { debouncer.withLock { $0.fire(at: now) } }

    /// - Returns: whether it was suspended.
    func resume() -> Bool {
        debouncer.withLock { debouncer in
            let wasSuspended = debouncer.suspension != nil
            debouncer.resume()
            return wasSuspended
        }
    }
}

/// Knows the watch of each service that has one, so that the operator's word reaches it.
final class WatchDesk: Sendable {
    private let watches = Mutex<[ServiceName: FileWatch]>([:])
    private let board: SnapshotBoard

    init(board: SnapshotBoard) { self.board = board }

    func open(_ watch: FileWatch, for service: ServiceName) {
        watches.withLock { $0[service] = watch }
        show(watch, service)
    }

    func close(_ watch: FileWatch, for service: ServiceName) {
        let isPresent = watches.withLock { watches in
            guard watches[service] === watch else { return false }
            watches[service] = nil
            return true
        }
        if isPresent { board.put(notes: { $0.watches[service] = nil }) }
    }

    func show(_ watch: FileWatch, _ service: ServiceName) {
        let status = watch.status
        board.put(notes: { $0.watches[service] = status })
    }

    /// As it was last shown.
    func status(of service: ServiceName) -> WatchStatus? { board.notes.watches[service] }

    /// - Returns: whether it was suspended; `nil` when no files are watched for the service.
    func resume(_ service: ServiceName) -> Bool? {
        guard let watch = watches.withLock({ $0[service] }) else { return nil }
        let wasSuspended = watch.resume()
        show(watch, service)
        return wasSuspended
    }
}
