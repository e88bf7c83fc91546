import FleetModel

/// Reads a manifest with everything that belongs to it. Reading files is the caller's: this target has no IO.
package enum ManifestLoader {
    /// Includes within includes.
    static let includeDepthLimit = 16
    /// Includes in all, a file that is included twice counted twice.
    static let includeLimit = 256
    /// Bytes of included files after which no further one is read.
    static let includeSizeLimit = 16 << 20
    /// Different files that services take their environment from.
    static let environmentFileLimit = 1000

    /// - Parameters:
    ///   - path: absolute, of the manifest.
    ///   - options: everything it is read with.
    ///   - reading: the bytes of a file; it is asked for the manifest, its includes, `.env` beside it, and the files that
    ///     services take their environment from.
    /// - Returns: a fleet, or every error at once; warnings in both cases.
    /// - Throws: only what `reading` throws for the manifest itself.
    package static func load(
        path: String,
        options: ManifestOptions,
        reading: (String) throws -> [UInt8]
    ) rethrows -> ManifestOutcome {
        let findings = Findings()
        let bytes = try reading(path)
        var session = ManifestSession(path: path, options: options, findings: findings)
        session.readVariables(reading)
        let fleet = session.load(bytes, reading)
        return outcome(fleet, findings, session)
    }

    private static func outcome(_ fleet: Fleet?, _ findings: Findings, _ session: ManifestSession) -> ManifestOutcome {
        let file = session.file
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
            warnings: sorted(findings.warnings),
            files: session.files
        )
    }
}
