import FleetModel

/// Files and folders that the manifest names. Each may come to be before a service is started, so whatever is wrong with
/// them is a warning.
extension ManifestSession {
    // MARK: - Environment files

    /// A changed file makes a changed service: what stands in it counts, though it is read again at each start.
    mutating func digestEnvironmentFiles(
        of fleet: inout Fleet,
        _ mentions: MentionedPaths,
        _ reading: (String) throws -> [UInt8]
    ) {
        var digests: [String: UInt64?] = [:]
        for service in fleet.services.indices {
            for index in fleet.services[service].environment.files.indices {
                let path = fleet.services[service].environment.files[index].path
                if digests[path] == nil {
                    guard digests.count < ManifestLoader.environmentFileLimit else {
                        let message = "names more than \(ManifestLoader.environmentFileLimit) environment files"
                        findings.error(.badValue, at: .whole(file), message)
                        return
                    }
                    digests[path] = .some(digest(path, mentions, reading))
                }
                fleet.services[service].environment.files[index].digest = digests[path] ?? nil
            }
        }
    }

    /// nil for a file that cannot be read.
    private mutating func digest(
        _ path: String,
        _ mentions: MentionedPaths,
        _ reading: (String) throws -> [UInt8]
    ) -> UInt64? {
        do {
            let bytes = try bytes(path, reading)
            noteLines(bytes, of: path)
            return Self.digest(bytes)
        } catch {
            noteLoss(of: path, error, mentions)
            return nil
        }
    }

    /// FNV-1a, 64 bits: tells a change from none; nobody has a reason to forge one.
    private static func digest(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    /// Lines that will be skipped at each start.
    private func noteLines(_ bytes: [UInt8], of path: String) {
        let environment = options.environment
        for problem in EnvironmentFile.parse(bytes, lookup: { environment[$0] }).problems {
            findings.warning(.unreadable, at: .line(problem.line, of: displayName(path)), problem.message)
        }
    }

    private func noteLoss(of path: String, _ error: any Error, _ mentions: MentionedPaths) {
        let kind = options.pathKind(path)
        for mention in mentions.list where mention.path == path {
            guard case .environmentFile(let isRequired) = mention.role, isRequired || kind == .folder else { continue }
            let text = "\"\(mention.text.prefix(200))\""
            if kind == .folder {
                findings.warning(.unreadable, at: mention.place, "\(text) is a folder, not an environment file")
            } else {
                findings.warning(
                    .unreadable,
                    at: mention.place,
                    "\(text) cannot be read: \(Self.reason(error, path))",
                    hint: "where it may be missing, write {path: \(mention.text.prefix(200)), required: false}"
                )
            }
        }
    }

    // MARK: - Folders

    func checkPaths(_ mentions: MentionedPaths) {
        for mention in mentions.list {
            let text = "\"\(mention.text.prefix(200))\""
            // fleet's own folder comes to be when the fleet is started.
            if !options.stateDirectory.isEmpty, "\(mention.path)/".hasPrefix("\(options.stateDirectory)/") { continue }
            switch (mention.role, options.pathKind(mention.path)) {
            case (.workingDirectory, .nothing):
                findings.warning(.badValue, at: mention.place, "the folder \(text) does not exist")
            case (.workingDirectory, .file):
                findings.warning(
                    .badValue,
                    at: mention.place,
                    "\(text) is a file, and services are started in a folder"
                )
            case (.watched, .nothing):
                findings.warning(.badValue, at: mention.place, "\(text), which is watched, does not exist")
            default: break
            }
        }
    }
}
