internal import CPlatform
internal import Glibc

// Where fleet keeps things.
extension MachineFacts {
    var storage: [MachineFact] { [stateFolder, freeSpace, runtimeFolder] }

    private var stateFolder: MachineFact {
        let existing = Self.nearestFolder(stateDirectory)
        let isThere = existing == stateDirectory
        guard Self.canWrite(in: existing) else {
            let advice = "make it writable, or set XDG_STATE_HOME to a folder that is"
            return MachineFact("state folder", "\(stateDirectory) cannot be written", .fail, advice: advice)
        }
        return MachineFact("state folder", stateDirectory + (isThere ? "" : " (will be created)"))
    }

    private var freeSpace: MachineFact {
        var status = statvfs()
        guard statvfs(Self.nearestFolder(stateDirectory), &status) == 0 else {
            return MachineFact("free space", "unknown", .warn, advice: errorText(errno))
        }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        let free = overflow ? Int.max : Int(clamping: bytes)
        let value = Self.size(free)
        if free < 64 << 20 {
            return MachineFact("free space", value, .fail, advice: "logs of services will be lost: free some space")
        }
        if free < 2 << 30 {
            let advice = "one service may keep 1 GiB of logs; see logging.max_size and max_files"
            return MachineFact("free space", value, .warn, advice: advice)
        }
        return MachineFact("free space", value)
    }

    private var runtimeFolder: MachineFact {
        let wanted = environment["XDG_RUNTIME_DIR"] ?? ""
        if wanted.hasPrefix("/"), Self.isPrivate(wanted), Self.canWrite(in: wanted) {
            return MachineFact("runtime folder", wanted)
        }
        let fallback = FleetDirectories.userFolder
        if access(fallback, F_OK) == 0, !Self.isPrivate(fallback) {
            let advice = "it is not yours alone; remove it, or set XDG_RUNTIME_DIR to a folder of mode 0700"
            return MachineFact("runtime folder", fallback, .fail, advice: advice)
        }
        guard access(fallback, F_OK) == 0 || Self.canWrite(in: "/tmp") else {
            let advice = "make /tmp writable, or set XDG_RUNTIME_DIR to a folder of mode 0700"
            return MachineFact("runtime folder", "\(fallback) cannot be created", .fail, advice: advice)
        }
        let reason = wanted.isEmpty ? "XDG_RUNTIME_DIR is not set" : "XDG_RUNTIME_DIR is not usable"
        return MachineFact("runtime folder", "\(fallback) (\(reason))")
    }

    private static func isPrivate(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
            && status.st_mode & 0o077 == 0
    }

    /// access(2) alone does not know of read-only mounts that overlay filesystems hide, nor of quotas.
    private static func canWrite(in folder: String) -> Bool {
        let path = "\(folder)/.fleet-doctor-\(getpid())"
        let descriptor = fleet_open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        unlink(path)
        return true
    }

    /// The folder itself, or the nearest one above it that exists.
    static func nearestFolder(_ path: String) -> String {
        var path = path
        while access(path, F_OK) != 0, let slash = path.lastIndex(of: "/") {
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        return path.isEmpty ? "." : path
    }
}
