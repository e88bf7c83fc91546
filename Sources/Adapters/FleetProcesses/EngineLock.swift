internal import CPlatform
package import FleetModel
internal import Glibc
internal import Synchronization

/// The right to be the engine of a manifest: an advisory lock on a file, which the system takes back however its holder
/// ends. The file holds the owner's pid, for people and for messages; the lock alone decides.
package final class EngineLock: Sendable {
    package enum Attempt: Sendable {
        case acquired(EngineLock)
        /// Another engine runs; its pid when it has written it already.
        case heldBy(ProcessID?)
    }

    private let descriptor: Mutex<Int32>

    private init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    deinit { release() }

    /// - Throws: when the file cannot be opened or locked for another reason than a holder.
    package static func acquire(at path: String) throws(DirectoryTrouble) -> Attempt {
        let descriptor = fleet_open(path, O_RDWR | O_CREAT, 0o600)
        guard descriptor >= 0 else { throw DirectoryTrouble(path: path, reason: errorText(descriptor)) }
        let error = fleet_lock(descriptor)
        guard error == 0 else {
            close(descriptor)
            if error == -EWOULDBLOCK { return .heldBy(owner(at: path)) }
            throw DirectoryTrouble(path: path, reason: errorText(error))
        }
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        return .acquired(EngineLock(descriptor))
    }

    /// The pid in the file, whether or not that process still lives.
    package static func owner(at path: String) -> ProcessID? {
        SmallFile.text(path, limit: 32)?.split(whereSeparator: \.isWhitespace).first
            .flatMap { Int32($0) }.flatMap { $0 > 0 ? ProcessID($0) : nil }
    }

    /// The engine that holds a lock: by the pid in the file, because trying the lock would be in the way of one that starts.
    package static func engine(holding path: String) -> ProcessID? {
        guard let owner = owner(at: path), ProcessTable.entry(of: owner.rawValue).map({ !$0.isZombie }) == true,
            ProcessTable.command(of: owner.rawValue).split(separator: " ").contains("engine")
        else { return nil }
        return owner
    }

    package func release() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 {
                // Whoever only reads the file must not wait for us any more.
                _ = ftruncate(descriptor, 0)
                fleet_unlock(descriptor)
                close(descriptor)
            }
            descriptor = -1
        }
    }
}
