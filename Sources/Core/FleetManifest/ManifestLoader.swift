import FleetModel

/// Reads a manifest with everything that belongs to it. Reading files is the caller's: this target has no IO.
package enum ManifestLoader {
    /// Includes within includes.
    static let includeLimit = 16

    /// - Parameters:
    ///   - path: absolute, of the manifest.
    ///   - options: everything it is read with.
    ///   - reading: the bytes of a file; it is asked for the manifest, its includes and `.env` beside it.
    /// - Returns: a fleet, or every error at once; warnings in both cases.
    /// - Throws: only what `reading` throws for the manifest itself.
    package static func load(
        path: String,
        options: ManifestOptions,
        reading: (String) throws -> [UInt8]
    ) rethrows -> ManifestOutcome {
        let findings = Findings()
        let bytes = try reading(path)
        var session = Session(path: path, options: options, findings: findings)
        session.readVariables(reading)
        let fleet = session.load(bytes, reading)
        return outcome(fleet, findings, file: PathText.name(of: path))
    }

    private static func outcome(_ fleet: Fleet?, _ findings: Findings, file: String) -> ManifestOutcome {
        func sorted(_ list: [ManifestError]) -> [ManifestError] {
            list.enumerated().sorted { left, right in
                let (a, b) = (left.element, right.element)
                if a.file != b.file { return (a.file == file ? "" : a.file) < (b.file == file ? "" : b.file) }
                return (a.line, a.column, left.offset) < (b.line, b.column, right.offset)
            }.map(\.element)
        }
        var errors = sorted(findings.errors)
        if findings.dropped > 0 {
            errors.append(ManifestError(.unreadable, at: .whole(file), "… and \(findings.dropped) more errors"))
        }
        return ManifestOutcome(
            fleet: errors.isEmpty ? fleet : nil,
            errors: errors,
            warnings: sorted(findings.warnings)
        )
    }
}

/// One load: the files that are open, the variables, the folders that paths are relative to.
private struct Session {
    let path: String
    let options: ManifestOptions
    let findings: Findings
    private let folder: String
    private let file: String
    private var dotenv: [String: String] = [:]
    private var folders: [String: String]

    init(path: String, options: ManifestOptions, findings: Findings) {
        self.path = path
        self.options = options
        self.findings = findings
        folder = PathText.folder(of: path)
        file = PathText.name(of: path)
        folders = [PathText.name(of: path): PathText.folder(of: path)]
    }

    /// `-e` > what fleet itself provides > OS environment > `.env`.
    private var variable: (String) -> String? {
        let (options, dotenv) = (options, dotenv)
        return { name in
            if let value = options.overrides[name] { return value }
            switch name {
            case "FLEET_BIN" where !options.fleetBinaryFolder.isEmpty: return options.fleetBinaryFolder
            case "FLEET_STATE" where !options.stateDirectory.isEmpty: return options.stateDirectory
            default: return options.environment[name] ?? dotenv[name]
            }
        }
    }

    /// `.env` beside the manifest feeds interpolation and nothing else. It may be missing.
    mutating func readVariables(_ reading: (String) throws -> [UInt8]) {
        guard let bytes = try? reading(PathText.join(folder, ".env")) else { return }
        let environment = options.environment
        let contents = EnvironmentFile.parse(bytes) { environment[$0] }
        for variable in contents.variables { dotenv[variable.name] = variable.value }
        for problem in contents.problems {
            let place = Place(file: ".env", line: problem.line, column: 1)
            findings.warning(.unreadable, at: place, problem.message)
        }
    }

    mutating func load(_ bytes: [UInt8], _ reading: (String) throws -> [UInt8]) -> Fleet? {
        guard let tree = tree(bytes, file: file) else { return nil }
        let whole = including(tree, in: folder, open: [path], reading)
        let surroundings = ServiceReader.Surroundings(
            folders: folders,
            manifestFolder: folder,
            activeProfiles: options.profiles.isEmpty ? ["default"] : options.profiles
        )
        var reader = FleetReader(
            findings: findings,
            isStrict: options.strict,
            variable: variable,
            surroundings: surroundings
        )
        let (fleet, services) = reader.fleet(whole, path: path)
        CrossCheck(services, findings: findings).run()
        return fleet
    }

    private func tree(_ bytes: [UInt8], file: String) -> YAMLTree? {
        guard let tree = TreeReader.read(bytes, file: file, findings: findings) else { return nil }
        if tree.entries != nil { return tree.resolvingMergeKeys(findings) }
        let message = tree.isNull ? "is empty" : "begins with \(tree.kind); a manifest is a mapping with \"services\""
        findings.error(.unreadable, at: tree.isNull ? .whole(file) : tree.place, message)
        return nil
    }

    /// The tree laid over what it includes; a later include lies over an earlier one.
    private mutating func including(
        _ tree: YAMLTree,
        in folder: String,
        open: [String],
        _ reading: (String) throws -> [UInt8]
    ) -> YAMLTree {
        guard let include = tree["include"], !include.isNull else { return tree }
        let values = ManifestReader(findings: findings, isStrict: options.strict, variable: variable) { _, _ in
            .tooEarly
        }
        let items: [YAMLTree]
        if case .list(let list, _) = include { items = list } else { items = [include] }
        var base: YAMLTree?
        for item in items {
            guard let text = values.string(item, "an item of \"include\""), !text.isEmpty else { continue }
            guard let included = read(text, at: item.place, in: folder, open: open, reading) else { continue }
            base = base?.merged(with: included) ?? included
        }
        let own = tree.removing(["include"])
        return base?.merged(with: own) ?? own
    }

    private mutating func read(
        _ text: String,
        at place: Place,
        in folder: String,
        open: [String],
        _ reading: (String) throws -> [UInt8]
    ) -> YAMLTree? {
        let path = PathText.join(folder, text)
        guard !open.contains(path) else {
            findings.error(.include, at: place, "\"\(text)\" includes itself")
            return nil
        }
        guard open.count < ManifestLoader.includeLimit, folders.count < 256 else {
            findings.error(.include, at: place, "too many includes")
            return nil
        }
        let bytes: [UInt8]
        do {
            bytes = try reading(path)
        } catch {
            findings.error(.include, at: place, "\"\(text)\" cannot be read: \(error)")
            return nil
        }
        let name = displayName(path)
        folders[name] = PathText.folder(of: path)
        guard let tree = tree(bytes, file: name) else { return nil }
        return including(tree, in: PathText.folder(of: path), open: open + [path], reading)
    }

    /// Relative to the manifest when it lies below it.
    private func displayName(_ path: String) -> String {
        path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.utf8.count + 1)) : path
    }
}
