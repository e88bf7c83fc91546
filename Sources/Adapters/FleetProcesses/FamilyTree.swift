/// Which processes belong to which life, worked out from one look at the process table. Pure: what has to be read from
/// /proc comes through `tag`.
///
/// A process belongs to a life when it is in the session of that life's leader, was seen there before (same pid, same
/// start), descends from one that belongs, or was orphaned to us with that life's tag in its environment. The last two
/// find those that called `setsid`.
struct FamilyTree<Life: Hashable> {
    private(set) var members: [Life: [ProcessEntry]] = [:]

    /// - Parameters:
    ///   - table: all processes.
    ///   - sessions: the leader's session of each life.
    ///   - remembered: members of an earlier look, by pid.
    ///   - parent: us; orphans of our descendants have this parent.
    ///   - asksAll: also ask `tag` for processes with other parents: what an earlier engine started was orphaned to
    ///     somebody else when that ended.
    ///   - tag: the life that a process was started for, by its environment. Asked only for children of `parent`,
    ///     unless `asksAll`.
    init(
        table: [ProcessEntry],
        sessions: [Int32: Life],
        remembered: [Int32: (startTicks: UInt64, life: Life)],
        parent: Int32,
        asksAll: Bool = false,
        tag: (ProcessEntry) -> Life?
    ) {
        // Zombies belong to nobody, but lead to their parents: one may have ended between two entries of the table.
        var processes: [Int32: ProcessEntry] = [:]
        for process in table { processes[process.pid] = process }
        var owners: [Int32: Life?] = [:]
        for process in processes.values {
            if let life = sessions[process.session] {
                owners[process.pid] = .some(life)
            } else if let known = remembered[process.pid], known.startTicks == process.startTicks {
                owners[process.pid] = .some(known.life)
            }
        }
        for process in processes.values {
            // Up the line of parents to somebody whose owner is known; the way back tells all of them.
            var line: [Int32] = []
            var current = process
            var found: Life?
            while true {
                if let owner = owners[current.pid] {
                    found = owner
                    break
                }
                line.append(current.pid)
                if current.parent == parent || asksAll {
                    found = tag(current)
                    if found != nil || current.parent == parent { break }
                }
                guard let next = processes[current.parent], !line.contains(next.pid) else { break }
                current = next
            }
            for pid in line { owners[pid] = .some(found) }
        }
        for process in processes.values where !process.isZombie {
            if case .some(.some(let life)) = owners[process.pid] { members[life, default: []].append(process) }
        }
    }
}
