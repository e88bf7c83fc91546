package import FleetModel

/// Which changed files one watch rule reacts to.
package struct WatchFilter: Sendable, Hashable {
    /// What tools write beside the sources: version control, dependencies, build output, swap files of editors.
    package static let defaultIgnore = [
        ".git/", ".hg/", ".svn/", ".jj/", "node_modules/", ".build/", "target/", "__pycache__/", ".venv/", ".idea/",
        ".vscode/", ".mypy_cache/", ".pytest_cache/", ".gradle/", "*.pyc", "*.swp", "*.swo", "*.swx", "*~", ".#*",
        "#*#",
        // vim tries with it whether a folder can be written to.
        "4913", ".DS_Store", "*.tmp", "*.part", ".goutputstream-*", "___jb_tmp___", "___jb_old___",
    ]

    /// Absolute, without a trailing `/`.
    private let root: String
    private let include: GlobList
    private let ignore: GlobList

    package init(_ rule: WatchRule) {
        var root = Substring(rule.path)
        while root.hasSuffix("/") { root.removeLast() }
        self.root = String(root)
        include = GlobList(rule.include)
        ignore = GlobList(Self.defaultIgnore + rule.ignore)
    }

    /// Whether this path, a file or (with a trailing `/`) a folder, need not be looked at. Absolute.
    package func ignores(_ path: String) -> Bool {
        guard let relative = relative(path) else { return true }
        return !relative.isEmpty && ignore.matches(relative)
    }

    /// Whether a change of this file fires the rule. Absolute.
    package func accepts(_ path: String) -> Bool {
        guard let relative = relative(path) else { return false }
        // The rule names the file itself.
        if relative.isEmpty { return true }
        return !ignore.matches(relative) && (include.texts.isEmpty || include.matches(relative))
    }

    /// The path below the rule's, for people; the last name when the rule names a file.
    func spoken(_ path: String) -> String {
        if let relative = relative(path), !relative.isEmpty { return relative }
        return path.split(separator: "/").last.map(String.init) ?? path
    }

    /// `nil` when it does not lie below the rule's path.
    private func relative(_ path: String) -> String? {
        guard path.hasPrefix(root) else { return nil }
        let rest = path.dropFirst(root.count)
        if rest.isEmpty || rest == "/" { return "" }
        return rest.hasPrefix("/") ? String(rest.dropFirst()) : nil
    }
}
