internal import Glibc

/// The three calls of inotify(7); tests put limits of their own in their place.
struct InotifyCalls: Sendable {
    /// - Returns: a descriptor that does not block, or a negated errno.
    var open: @Sendable () -> Int32 = {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        return descriptor < 0 ? -errno : descriptor
    }
    /// - Returns: a watch descriptor, the same for every path of one folder, or a negated errno.
    var add: @Sendable (Int32, String, UInt32) -> Int32 = { descriptor, path, mask in
        let watch = inotify_add_watch(descriptor, path, mask)
        return watch < 0 ? -errno : watch
    }
    var remove: @Sendable (Int32, Int32) -> Void = { descriptor, watch in _ = inotify_rm_watch(descriptor, watch) }
}

/// One event, as the kernel writes it.
struct InotifyEvent: Hashable, Sendable {
    var watch: Int32
    var mask: UInt32
    /// Of the file within the watched folder; empty for an event of the folder itself.
    var name: String

    func has(_ bits: Int32...) -> Bool { bits.contains { mask & UInt32(bitPattern: $0) != 0 } }

    var isFolder: Bool { mask & UInt32(IN_ISDIR) != 0 }

    /// Whole events, as one read gives them.
    static func events(in bytes: UnsafeRawBufferPointer) -> [InotifyEvent] {
        var events: [InotifyEvent] = []
        var offset = 0
        let headSize = MemoryLayout<inotify_event>.size
        while bytes.count - offset >= headSize {
            let watch = bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
            let mask = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            guard length <= bytes.count - offset - headSize else { break }
            // Padded with NULs.
            let name = bytes[(offset + headSize)..<(offset + headSize + length)].prefix { $0 != 0 }
            events.append(InotifyEvent(watch: watch, mask: mask, name: String(decoding: name, as: UTF8.self)))
            offset += headSize + length
        }
        return events
    }
}

/// What is asked for. Reads and changes of attributes are not among it (devenv#2734).
enum InotifyMask {
    private static let content = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM
    /// Several interests may meet in one folder, hence the adding.
    private static let always = IN_ONLYDIR | IN_MASK_ADD | IN_EXCL_UNLINK

    /// For a folder whose content matters.
    static let tree = UInt32(content | IN_CLOSE_WRITE | always)
    /// For a folder in which one name matters: it may itself be moved away or removed without anybody else telling.
    static let anchor = UInt32(content | IN_DELETE_SELF | IN_MOVE_SELF | always)
    static let unfollowed = UInt32(IN_DONT_FOLLOW)
    static let written = UInt32(IN_CLOSE_WRITE)
}
