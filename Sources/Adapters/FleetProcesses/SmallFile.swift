internal import CPlatform
internal import Glibc

/// Reading and replacing files of a few kilobytes: /proc entries, leases, environment files, the port book.
enum SmallFile {
    /// - Parameters:
    ///   - path: of a file of any kind.
    ///   - limit: bytes; a longer file is cut there.
    /// - Returns: `nil` when it cannot be opened or read.
    static func read(_ path: String, limit: Int = 1 << 20) -> [UInt8]? {
        let descriptor = fleet_open(path, O_RDONLY, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var isWhole = false
        while !isWhole && bytes.count < limit {
            var result = 0
            let room = min(limit - bytes.count, bytes.isEmpty ? 4096 : 1 << 18)
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                result = Glibc.read(descriptor, buffer.baseAddress, room)
                count = max(0, result)
            }
            // A process may end while its /proc entry is read.
            if result < 0 && bytes.isEmpty { return nil }
            isWhole = result <= 0
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
        }
        return bytes
    }

    static func text(_ path: String, limit: Int = 1 << 20) -> String? {
        read(path, limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Readers see the old content or the new one, never a part. Mode 0600.
    /// - Returns: 0 or an errno.
    static func replace(_ path: String, with text: String) -> Int32 {
        let draft = path + ".new"
        let descriptor = fleet_open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { return -descriptor }
        let writeError = writeAll(Array(text.utf8), to: descriptor)
        close(descriptor)
        guard writeError == 0 else {
            unlink(draft)
            return writeError
        }
        return rename(draft, path) == 0 ? 0 : errno
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return count < 0 ? errno : ENOSPC }
                rest = rest.dropFirst(count)
            }
            return 0
        }
    }

    /// Names in a folder, `.` and `..` left out, in no order; empty when it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Creates a folder and what is missing above it, mode 0700.
    /// - Returns: 0 or an errno.
    static func makeFolder(_ path: String) -> Int32 {
        if mkdir(path, 0o700) == 0 { return 0 }
        let error = errno
        if error == EEXIST { return 0 }
        guard error == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return error }
        let parentError = makeFolder(String(path[..<slash]))
        guard parentError == 0 else { return parentError }
        return mkdir(path, 0o700) == 0 || errno == EEXIST ? 0 : errno
    }
}
