import FleetModel

/// One load: the files that were opened, the variables, the folders that paths are relative to.
struct ManifestSession {
    let path: String
    /// The manifest's own name.
    let file: String
    let findings: Findings
    /// In the order in which they were asked for, each once.
    private(set) var files: [String]
    let options: ManifestOptions
    private let folder: String
    private var dotenv: [String: String] = [:]
    private var folders: [String: String]
    /// Tries to read included files, and their bytes: a file may be included again and again.
    private var included = 0
    private var includedBytes = 0

    init(path: String, options: ManifestOptions, findings: Findings) {
        self.path = path
        self.options = options
        self.findings = findings
        files = [path]
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
        guard let bytes = try? bytes(PathText.join(folder, ".env"), reading) else { return }
        let environment = options.environment
        let contents = EnvironmentFile.parse(bytes) { environment[$0] }
        for variable in contents.variables { dotenv[variable.name] = variable.value }
        for problem in contents.problems {
            findings.warning(.unreadable, at: .line(problem.line, of: ".env"), problem.message)
        }
    }

    mutating func load(_ bytes: [UInt8], _ reading: (String) throws -> [UInt8]) -> Fleet? {
        guard let tree = tree(bytes, file: file) else { return nil }
        let whole = including(tree, in: folder, open: [path], reading)
        let surroundings = ServiceReader.Surroundings(
            folders: folders,
            manifestFolder: folder,
            activeProfiles: options.profiles.isEmpty ? ["default"] : options.profiles,
            checkPattern: options.checkPattern,
            knowsTimeZone: options.knowsTimeZone
        )
        var reader = FleetReader(
            findings: findings,
            isStrict: options.strict,
            variable: variable,
            allocatePort: options.allocatePort,
            checkExpression: options.checkExpression,
            surroundings: surroundings
        )
        var (fleet, services) = reader.fleet(whole, path: path)
        CrossCheck(services, findings: findings).run()
        digestEnvironmentFiles(of: &fleet, surroundings.mentions, reading)
        checkPaths(surroundings.mentions)
        fleet.files = files
        return fleet
    }

    private func tree(_ bytes: [UInt8], file: String) -> YAMLTree? {
        guard let tree = TreeReader.read(bytes, file: file, findings: findings) else { return nil }
        if tree.entries != nil { return tree.resolvingMergeKeys(findings) }
        let message = tree.isNull ? "is empty" : "begins with \(tree.kind); a manifest is a mapping with \"services\""
        findings.error(.unreadable, at: tree.isNull ? .whole(file) : tree.place, message)
        return nil
    }

    /// Notes that the file belongs to the manifest, whether it can be read or not.
    mutating func bytes(_ path: String, _ reading: (String) throws -> [UInt8]) throws -> [UInt8] {
        if !files.contains(path) { files.append(path) }
        return try reading(path)
    }
}

// MARK: - Includes

extension ManifestSession {
    /// What one item of `include` names.
    private struct Inclusion {
        var text: String
        var place: Place
        var isRequired = true
    }

    /// The tree laid over what it includes; a later include lies over an earlier one.
    private mutating func including(
        _ tree: YAMLTree,
        in folder: String,
        open: [String],
        _ reading: (String) throws -> [UInt8]
    ) -> YAMLTree {
        var base: YAMLTree?
        for inclusion in inclusions(tree["include"]) {
            guard let included = read(inclusion, in: folder, open: open, reading) else { continue }
            base = base?.merged(with: included) ?? included
        }
        let own = tree.removing(["include"])
        return base?.merged(with: own) ?? own
    }

    /// A path, a list of paths, or a list of `{path, required}` where `path` may again be a list (compose).
    private func inclusions(_ tree: YAMLTree?) -> [Inclusion] {
        guard let tree, !tree.isNull else { return [] }
        let reader = ManifestReader(findings: findings, isStrict: options.strict, variable: variable) { _, _ in
            .tooEarly
        }
        let items: [YAMLTree]
        if case .list(let list, _) = tree { items = list } else { items = [tree] }
        return items.flatMap { item -> [Inclusion] in
            guard case .mapping = item else { return Self.paths([item], isRequired: true, reader) }
            guard let given = reader.entries(item, "\"include\"", keys: .include) else { return [] }
            let isRequired = reader.boolean(given["required"], "\"required\"") ?? true
            guard let path = given["path"], !path.isNull else {
                findings.error(.missing, at: item.place, "\"include\" names no file")
                return []
            }
            if case .list(let paths, _) = path { return Self.paths(paths, isRequired: isRequired, reader) }
            return Self.paths([path], isRequired: isRequired, reader)
        }
    }

    private static func paths(_ items: [YAMLTree], isRequired: Bool, _ reader: ManifestReader) -> [Inclusion] {
        items.compactMap { item in
            let before = reader.findings.noticed
            let text = reader.string(item, "an item of \"include\"")
            if let text, !text.isEmpty { return Inclusion(text: text, place: item.place, isRequired: isRequired) }
            if reader.findings.noticed == before {
                reader.findings.error(.missing, at: item.place, "\"include\" names no file")
            }
            return nil
        }
    }

    private mutating func read(
        _ inclusion: Inclusion,
        in folder: String,
        open: [String],
        _ reading: (String) throws -> [UInt8]
    ) -> YAMLTree? {
        let (text, place) = (inclusion.text, inclusion.place)
        let path = PathText.join(folder, text)
        guard !open.contains(path) else {
            findings.error(.include, at: place, "\"\(text)\" includes itself")
            return nil
        }
        guard open.count < ManifestLoader.includeDepthLimit, included < ManifestLoader.includeLimit,
            includedBytes < ManifestLoader.includeSizeLimit
        else {
            findings.error(.include, at: place, "too many includes")
            return nil
        }
        included += 1
        let bytes: [UInt8]
        do {
            bytes = try self.bytes(path, reading)
        } catch {
            if inclusion.isRequired {
                let reason = Self.reason(error, path)
                findings.error(.include, at: place, "\"\(text)\" cannot be read: \(reason)")
            }
            return nil
        }
        includedBytes += bytes.count
        let name = displayName(path)
        folders[name] = PathText.folder(of: path)
        guard let tree = tree(bytes, file: name) else { return nil }
        return including(tree, in: PathText.folder(of: path), open: open + [path], reading)
    }

    /// Whoever reads files may begin the sentence with the path, which is said already.
    static func reason(_ error: any Error, _ path: String) -> String {
        let sentence = String(describing: error)
        return sentence.hasPrefix("\(path): ") ? String(sentence.dropFirst(path.count + 2)) : sentence
    }

    /// Relative to the manifest when it lies below it.
    func displayName(_ path: String) -> String {
        path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.utf8.count + 1)) : path
    }
}
