internal import Glibc

/// A folder or file that fleet needs for itself and cannot have.
package struct DirectoryTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    package var path: String
    package var reason: String

    package var description: String { "\(path): \(reason)" }
}

/// Where the engine of one manifest keeps things. Both folders are named after the manifest's real path, so that every
/// way to spell it finds the same engine; neither depends on TMPDIR, which differs between shells of one user.
package struct FleetDirectories: Sendable, Hashable {
    /// `$XDG_STATE_HOME/fleet/<folder name>-<hash>`: log segments and leases; survives a reboot.
    package let stateDirectory: String
    /// `$XDG_RUNTIME_DIR/fleet/<hash>`: socket and lock.
    package let runtimeDirectory: String

    package var socketPath: String { "\(runtimeDirectory)/ctl.sock" }
    package var lockPath: String { "\(runtimeDirectory)/lock" }
    /// Held besides: the runtime folder may be removed under a running engine, by systemd at the last logout for example.
    package var stateLockPath: String { "\(stateDirectory)/lock" }
    /// What a detached engine prints.
    package var engineLogPath: String { "\(stateDirectory)/engine.log" }

    /// The same for every engine of this user, whatever its environment says: what engines of several projects agree
    /// on.
    package static var userFolder: String { "/tmp/fleet-\(geteuid())" }

    /// A unix socket's address has room for 107 bytes; some systems and tools for fewer.
    private static let socketPathLimit = 100

    /// - Parameters:
    ///   - manifestPath: need not exist; symbolic links are resolved as far as it does.
    ///   - environment: of this process.
    package init(manifestPath: String, environment: [String: String] = ChildEnvironment.ofThisProcess) {
        let manifest = Self.realPath(manifestPath)
        let hash = Hash.fnv1a(manifest)
        let shared = Self.userFolder
        let state =
            Self.absolute(environment["XDG_STATE_HOME"])
            ?? Self.absolute(environment["HOME"]).map { "\($0)/.local/state" }
            ?? "\(shared)/state"
        stateDirectory = "\(state)/fleet/\(Self.folderName(manifest))-\(hash)"
        let runtime = Self.absolute(environment["XDG_RUNTIME_DIR"]).map { "\($0)/fleet/\(hash)" }
        if let runtime, "\(runtime)/ctl.sock".utf8.count <= Self.socketPathLimit,
            Self.isOurs(String(runtime.dropLast("/fleet/\(hash)".count)))
        {
            runtimeDirectory = runtime
        } else {
            runtimeDirectory = "\(shared)/\(hash)"
        }
    }

    /// Creates both folders, for this user alone.
    /// - Throws: when one cannot be created, or belongs to somebody else: /tmp is open to all, and a socket in a
    ///   stranger's folder would hand him the fleet.
    package func prepare() throws(DirectoryTrouble) {
        for path in [runtimeDirectory, stateDirectory] {
            let error = SmallFile.makeFolder(path)
            guard error == 0 else { throw DirectoryTrouble(path: path, reason: errorText(error)) }
            try Self.checkPrivate(path)
        }
        let parent = String(
            runtimeDirectory.dropLast(runtimeDirectory.split(separator: "/").last.map { $0.count + 1 } ?? 0)
        )
        try Self.checkPrivate(parent)
    }

    static func checkPrivate(_ path: String) throws(DirectoryTrouble) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw DirectoryTrouble(path: path, reason: errorText(errno)) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw DirectoryTrouble(path: path, reason: "is not a folder") }
        guard status.st_uid == geteuid() else {
            throw DirectoryTrouble(path: path, reason: "belongs to user \(status.st_uid), not to you")
        }
        guard status.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0 else {
            throw DirectoryTrouble(path: path, reason: errorText(errno))
        }
    }

    private static func isOurs(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
    }

    /// The XDG specification: a relative path is to be ignored.
    private static func absolute(_ path: String?) -> String? {
        path.flatMap { $0.hasPrefix("/") ? ($0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0) : nil }
    }

    private static func folderName(_ manifest: String) -> String {
        let parts = manifest.split(separator: "/")
        let name = parts.count > 1 ? parts[parts.count - 2] : "fleet"
        return String(name.prefix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    }

    private static func realPath(_ path: String) -> String {
        if let resolved = realpath(path, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        guard let slash = path.lastIndex(of: "/") else { return "\(realPath("."))/\(path)" }
        let name = path[path.index(after: slash)...]
        guard slash != path.startIndex else { return path }
        let parent = String(path[..<slash])
        return realpath(parent, nil) == nil ? path : "\(realPath(parent))/\(name)"
    }
}

/// A hash that is the same in every process and version, unlike Swift's own.
enum Hash {
    /// FNV-1a, 64 bits, as 16 hexadecimal digits.
    static func fnv1a(_ text: String) -> String {
        let value = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
