internal import Glibc
internal import Synchronization

/// Which processes have which socket open, from the links in `/proc/<pid>/fd`. Only those of processes that may be
/// looked into: one's own user's, or everybody's for root.
final class SocketHolders: Sendable {
    static let shared = SocketHolders()

    private struct Place: Hashable {
        var pid: Int32
        var descriptor: String
    }

    /// Where a socket was seen last. Whoever asks for the owner of a port asks again soon, and looking there first
    /// saves reading every descriptor of every process.
    private let known = Mutex<[UInt64: Place]>([:])
    private static let knownLimit = 1024

    /// Everybody who has one of these sockets open; a server that forks shares one among many processes.
    func processes(holding inodes: Set<UInt64>) -> [UInt64: [Int32]] {
        places(of: inodes).mapValues { places in Set(places.map(\.pid)).sorted() }
    }

    /// The one to name of those who have a socket open: not ourselves when we only handed it over, else the eldest.
    func owner(of inode: UInt64) -> Int32? { owners(of: [inode])[inode] }

    func owners(of inodes: Set<UInt64>) -> [UInt64: Int32] {
        let remembered = known.withLock { known in known.filter { inodes.contains($0.key) } }
        var owners: [UInt64: Int32] = [:]
        for (inode, place) in remembered where Self.inode(at: place.pid, place.descriptor) == inode {
            owners[inode] = place.pid
        }
        let missing = inodes.subtracting(owners.keys)
        for (inode, places) in places(of: missing) {
            guard let place = Self.eldest(places, of: inode) else { continue }
            owners[inode] = place.pid
            if place.pid != getpid() { remember(inode, place) }
        }
        return owners
    }

    private func remember(_ inode: UInt64, _ place: Place) {
        known.withLock { known in
            if known.count >= Self.knownLimit { known.removeAll() }
            known[inode] = place
        }
    }

    private static func eldest(_ places: [Place], of inode: UInt64) -> Place? {
        let own = places.first { $0.pid == getpid() }
        let others = places.filter { place in
            // A child of ours that has not become another program yet has a copy of everything, for a moment.
            place.pid != getpid()
                && !(own != nil && isCopyOfUs(place.pid) || Self.inode(at: place.pid, place.descriptor) != inode)
        }
        guard others.count > 1 else { return others.first ?? own }
        func age(_ place: Place) -> (UInt64, Int32) {
            (ProcessTable.entry(of: place.pid)?.startTicks ?? .max, place.pid)
        }
        return others.map { (age($0), $0) }.min { $0.0 < $1.0 }?.1
    }

    private static func isCopyOfUs(_ pid: Int32) -> Bool {
        guard let ours = realpath("/proc/self/exe", nil) else { return false }
        defer { free(ours) }
        guard let theirs = realpath("/proc/\(pid)/exe", nil) else { return false }
        defer { free(theirs) }
        return strcmp(ours, theirs) == 0
    }

    private func places(of inodes: Set<UInt64>) -> [UInt64: [Place]] {
        guard !inodes.isEmpty else { return [:] }
        var found: [UInt64: [Place]] = [:]
        for name in SmallFile.names(in: "/proc") {
            guard let pid = Int32(name) else { continue }
            for descriptor in SmallFile.names(in: "/proc/\(name)/fd") {
                guard let inode = Self.inode(at: pid, descriptor), inodes.contains(inode) else { continue }
                found[inode, default: []].append(Place(pid: pid, descriptor: descriptor))
            }
        }
        return found
    }

    /// `socket:[12345]`; `nil` for any other kind of descriptor.
    private static func inode(at pid: Int32, _ descriptor: String) -> UInt64? {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink("/proc/\(pid)/fd/\(descriptor)", start.assumingMemoryBound(to: CChar.self), 64)
            guard count > 9, count < 64 else { return nil }
            let text = buffer[..<count]
            guard text.prefix(8).elementsEqual("socket:[".utf8), text.last == UInt8(ascii: "]") else { return nil }
            return UInt64(String(decoding: text.dropFirst(8).dropLast(), as: UTF8.self))
        }
    }
}
