internal import FleetEngine
internal import Glibc

// Finding what is to be watched, and finding it again.
extension WatchDesk {
    /// Watches for a root's coming and going, and its content when it is there. What may have come since (`isNew`) is
    /// told: its files are changes.
    mutating func follow(_ root: Int, of id: Int, isNew: Bool) {
        guard let path = subscriptions[id]?.roots[root] else { return }
        anchor(root, path, of: id)
        switch FolderListing.kind(of: path, followsLinks: true) {
        case .folder: takeUp(path, of: id, isNew: isNew, isRoot: true)
        case .file, .link: if isNew { tell(.changed(path), to: id) }
        case nil: release(below: path, of: id)
        }
    }

    /// Watches a folder and all below it.
    mutating func takeUp(_ path: String, of id: Int, isNew: Bool, isRoot: Bool = false) {
        guard let ignore = subscriptions[id]?.ignore else { return }
        var pending = [path]
        while let folder = pending.popLast() {
            // A root may be a link to the folder that is meant.
            let mask = InotifyMask.tree | (isRoot && folder == path ? 0 : InotifyMask.unfollowed)
            let result = attach(folder, mask, as: Role(subscription: id, purpose: .tree(folder)))
            guard result >= 0 else {
                report(-result, folder, to: id)
                if result == -ENOSPC || result == -ENOMEM { return }
                continue
            }
            for entry in FolderListing.entries(of: folder) {
                let child = Self.join(folder, entry.name)
                if entry.isFolder {
                    if !ignore(child + "/") { pending.append(child) }
                } else if isNew, !ignore(child) {
                    tell(.changed(child), to: id)
                }
            }
        }
    }

    // MARK: Anchors

    private struct Anchor {
        var folder: String
        var name: String
        var part: Role.Part
    }

    /// Watches the folder in which a root is or will be. The new watches are made before the old ones are released: a
    /// folder that stays the same is watched without a gap.
    private mutating func anchor(_ root: Int, _ path: String, of id: Int) {
        guard path != "/" else { return }
        var kept: [Int32: Set<Role>] = [:]
        func role(_ anchor: Anchor) -> Role {
            Role(subscription: id, purpose: .anchor(root: root, name: anchor.name, anchor.part))
        }
        // What is on the way may appear while we look for it; then it is looked for again.
        for _ in 0..<8 {
            guard let (anchor, watch) = highest(root, path, of: id) else { break }
            kept[watch, default: []].insert(role(anchor))
            let next = Self.join(anchor.folder, anchor.name)
            if anchor.part == .root || FolderListing.kind(of: next, followsLinks: true) != .folder { break }
            kept = [:]
        }
        if let target = Self.target(of: path) {
            let watch = attach(target.folder, InotifyMask.anchor | InotifyMask.written, as: role(target))
            if watch >= 0 { kept[watch, default: []].insert(role(target)) }
        }
        for (watch, roles) in roles {
            for role in roles where role.subscription == id && kept[watch]?.contains(role) != true {
                if case .anchor(root, _, _) = role.purpose { release(watch, role) }
            }
        }
    }

    /// Watches the nearest folder above the root that exists.
    private mutating func highest(_ root: Int, _ path: String, of id: Int) -> (Anchor, Int32)? {
        var child = path
        while child != "/" {
            let (folder, name) = Self.split(child)
            let part: Role.Part = child == path ? .root : .way
            let anchor = Anchor(folder: folder, name: name, part: part)
            let mask = InotifyMask.anchor | (part == .root ? InotifyMask.written : 0)
            let role = Role(subscription: id, purpose: .anchor(root: root, name: name, part))
            let result = attach(folder, mask, as: role)
            if result >= 0 { return (anchor, result) }
            guard [ENOENT, ENOTDIR, EACCES].contains(-result) else {
                report(-result, folder, to: id)
                return nil
            }
            child = folder
        }
        return nil
    }

    /// Where the file is that a link leads to; writing to it is no event of the link's folder.
    private static func target(of path: String) -> Anchor? {
        guard FolderListing.kind(of: path, followsLinks: false) == .link,
            FolderListing.kind(of: path, followsLinks: true) == .file, let real = realpath(path, nil)
        else { return nil }
        defer { free(real) }
        let (folder, name) = split(String(cString: real))
        return Anchor(folder: folder, name: name, part: .target)
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    // MARK: Trouble

    /// Once per kind: where one folder cannot be watched, the next often cannot either.
    private mutating func report(_ number: Int32, _ path: String, to id: Int) {
        // It went away while we looked.
        guard number != ENOENT, number != ENOTDIR, number != ELOOP,
            subscriptions[id]?.troubles.insert(number).inserted == true
        else { return }
        tell(.trouble(WatchTrouble.sentence(number, path)), to: id)
    }
}

enum WatchTrouble {
    static func sentence(_ number: Int32, _ path: String) -> String {
        switch number {
        case ENOSPC:
            "\(path) is not watched: the limit of watches is reached; raise it: "
                + "sysctl fs.inotify.max_user_watches=524288 (now \(limit("max_user_watches")))"
        case EMFILE:
            "no file is watched: the limit of inotify instances is reached; raise it: "
                + "sysctl fs.inotify.max_user_instances=512 (now \(limit("max_user_instances")))"
        default: "\(path) is not watched: \(errorText(number))"
        }
    }

    private static func limit(_ name: String) -> String {
        let text = SmallFile.text("/proc/sys/fs/inotify/\(name)", limit: 32) ?? ""
        return text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "unknown"
    }
}
