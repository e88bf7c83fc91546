internal import Glibc

/// The names in a folder with the one thing a watcher asks about each. A symbolic link is no folder, whatever it leads
/// to, so that links in circles lead nowhere.
enum FolderListing {
    /// - Returns: empty when the folder cannot be read or is gone.
    static func entries(of folder: String) -> [(name: String, isFolder: Bool)] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var entries: [(name: String, isFolder: Bool)] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            let type = Int(entry.pointee.d_type)
            let isFolder =
                type == DT_DIR || (type == DT_UNKNOWN && kind(of: "\(folder)/\(name)", followsLinks: false) == .folder)
            entries.append((name, isFolder))
        }
        return entries
    }

    enum Kind { case folder, link, file }

    /// - Returns: `nil` when there is nothing.
    static func kind(of path: String, followsLinks: Bool) -> Kind? {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFLNK: return .link
        default: return .file
        }
    }
}
