package import FleetModel

/// One line of the watch stream: the first carries everything, later ones only what changed.
package struct SnapshotFrame: Hashable, Sendable, Codable {
    package var sequence: Int
    package var time: Timestamp
    package var totals: FleetTotals
    package var isStopping: Bool
    package var pendingReload: PendingReload?
    /// Set when the list of services itself is new; replaces everything.
    package var whole: FleetSnapshot?
    /// Services that differ from the frame before.
    package var changed: [ServiceSnapshot]

    package init(whole snapshot: FleetSnapshot) {
        sequence = snapshot.sequence
        time = snapshot.time
        totals = snapshot.totals
        isStopping = snapshot.isStopping
        pendingReload = snapshot.pendingReload
        whole = snapshot
        changed = []
    }

    /// What changed between two snapshots of the same engine.
    package init(from old: FleetSnapshot, to new: FleetSnapshot) {
        let sameServices = old.name == new.name && old.services.map(\.id) == new.services.map(\.id)
        guard sameServices else {
            self.init(whole: new)
            return
        }
        self.init(whole: new)
        whole = nil
        changed = zip(old.services, new.services).filter { $0 != $1 }.map(\.1)
    }

    /// The snapshot after this frame; `nil` when a frame was missed and the stream must be opened again.
    package func applied(to snapshot: FleetSnapshot?) -> FleetSnapshot? {
        if let whole { return whole }
        guard var snapshot else { return nil }
        snapshot.sequence = sequence
        snapshot.time = time
        snapshot.totals = totals
        snapshot.isStopping = isStopping
        snapshot.pendingReload = pendingReload
        for service in changed {
            guard let index = snapshot.services.firstIndex(where: { $0.id == service.id }) else { return nil }
            snapshot.services[index] = service
        }
        return snapshot
    }
}
