/// Turns what other launchers read into a manifest of fleet, and says line by line what could not be carried over.
package enum ManifestImport {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// docker compose.
        case compose
        case processCompose = "process-compose"
        /// foreman, overmind, hivemind, Heroku.
        case procfile
        /// Nothing in it can be started: only how often is scraped becomes a part of a manifest.
        case prometheus
    }

    /// Whose file this is, by its name and, where that leaves a doubt, by its content.
    /// - Parameters:
    ///   - bytes: of the file.
    ///   - fileName: with or without folders.
    /// - Returns: nil for a manifest of fleet itself, and for what nobody knows: the loader explains that best.
    package static func kind(of bytes: [UInt8], fileName: String) -> Kind? {
        let name = PathText.name(of: fileName).lowercased()
        if ["fleet.yaml", "fleet.yml"].contains(name) { return nil }
        if name == "procfile" || name.hasPrefix("procfile.") || name.hasSuffix(".procfile") { return .procfile }
        let byName = kind(ofYAML: name)
        guard let root = TreeReader.read(bytes, file: name, findings: Findings()), root.entries != nil else {
            return byName
        }
        return kind(of: root, byName: byName)
    }

    private static func kind(ofYAML name: String) -> Kind? {
        guard name.hasSuffix(".yaml") || name.hasSuffix(".yml") else { return nil }
        if name.hasPrefix("process-compose") { return .processCompose }
        if name.hasPrefix("prometheus") { return .prometheus }
        let stem = name.split(separator: ".").first ?? ""
        return stem == "compose" || stem.hasPrefix("docker-compose") ? .compose : nil
    }

    private static func kind(of root: YAMLTree, byName: Kind?) -> Kind? {
        let keys = Set(root.entries?.map(\.key) ?? [])
        if keys.contains("processes"), !keys.contains("services") { return .processCompose }
        if keys.contains("scrape_configs"), !keys.contains("services") { return .prometheus }
        // Whatever its name, this is fleet's own; compose knows none of these at the top.
        if !keys.isDisjoint(with: ["defaults", "telemetry", "panels", "red", "alerts", "reload"]) { return nil }
        if byName == .compose { return .compose }
        guard let services = root["services"]?.entries else { return nil }
        if !keys.isDisjoint(with: ["version", "networks", "volumes", "secrets", "configs"]) { return .compose }
        let isOfContainers = services.contains { service in
            service.value.entries?.contains { ["image", "container_name", "networks", "volumes"].contains($0.key) }
                ?? false
        }
        return isOfContainers ? .compose : nil
    }

    /// - Parameters:
    ///   - bytes: of the file; whatever they hold, this returns.
    ///   - fileName: for the kind and for messages.
    /// - Returns: a manifest, or the errors why there is none. The manifest's paths are relative to the file's folder.
    package static func convert(_ bytes: [UInt8], fileName: String) -> ImportOutcome {
        let name = String(PathText.name(of: fileName).unicodeScalars.filter { $0.value >= 32 && $0.value != 127 })
        guard let kind = kind(of: bytes, fileName: fileName) else {
            return ImportOutcome(errors: refusals(bytes, name))
        }
        return convert(bytes, fileName: name, as: kind)
    }

    /// Why nothing can be made of the file.
    private static func refusals(_ bytes: [UInt8], _ name: String) -> [ManifestError] {
        let lowercase = name.lowercased()
        let isYAML = lowercase.hasSuffix(".yaml") || lowercase.hasSuffix(".yml")
        let findings = Findings()
        let tree = TreeReader.read(bytes, file: name, findings: findings)
        if isYAML, !findings.errors.isEmpty { return findings.errors }
        let message: String
        if isYAML, tree?.isNull ?? true {
            message = "is empty"
        } else if tree?["services"]?.entries != nil || ["fleet.yaml", "fleet.yml"].contains(lowercase) {
            message = "is a fleet manifest already"
        } else {
            message = "is no compose, process-compose, Procfile or Prometheus file that fleet recognises"
        }
        return [ManifestError(.unreadable, at: .whole(name), message)]
    }

    /// The same for a file whose kind is known, whatever it looks like.
    package static func convert(_ bytes: [UInt8], fileName: String, as kind: Kind) -> ImportOutcome {
        let log = ImportLog(file: fileName)
        let draft: Draft? =
            switch kind {
            case .procfile: ProcfileImport(log: log).draft(bytes)
            case .compose: root(bytes, log).map { ComposeImport(root: $0, log: log).draft() }
            case .processCompose: root(bytes, log).map { ProcessComposeImport(root: $0, log: log).draft() }
            case .prometheus: root(bytes, log).map { PrometheusImport(root: $0, log: log).draft() }
            }
        var outcome = ImportOutcome(kind: kind)
        if let draft, log.findings.errors.isEmpty {
            outcome.manifest = DraftWriter.manifest(draft, headline: "Converted from \(fileName) by fleet import.")
            if outcome.manifest.utf8.count > TreeReader.sizeLimit { log.tooLarge() }
        }
        outcome.omissions = log.omissions
        outcome.errors = log.findings.errors
        if !outcome.errors.isEmpty { outcome.manifest = "" }
        return outcome
    }

    private static func root(_ bytes: [UInt8], _ log: ImportLog) -> YAMLTree? {
        guard let tree = TreeReader.read(bytes, file: log.file, findings: log.findings) else { return nil }
        if tree.entries != nil { return tree.resolvingMergeKeys(log.findings) }
        let message = tree.isNull ? "is empty" : "begins with \(tree.kind), not with a mapping"
        log.findings.error(.unreadable, at: tree.isNull ? .whole(log.file) : tree.place, message)
        return nil
    }
}

package struct ImportOutcome: Sendable {
    /// nil when nobody knows such a file.
    package var kind: ManifestImport.Kind?
    /// The text of a manifest; empty when there is an error.
    package var manifest = ""
    /// In the order of the file.
    package var omissions: [ImportNote] = []
    package var errors: [ManifestError] = []
}

/// One thing of the file that the manifest does not have, or has in another way.
package struct ImportNote: Hashable, Sendable, CustomStringConvertible {
    package var file: String
    /// From 1; 0 = the file as a whole.
    package var line: Int
    /// `services.web.volumes`; empty when the line says it all.
    package var path: String
    package var message: String

    /// `compose.yaml:7: services.web.volumes: nothing is mounted; the command sees this machine's files`
    package var description: String {
        let place = line == 0 ? file : "\(file):\(line)"
        return path.isEmpty ? "\(place): \(message)" : "\(place): \(path): \(message)"
    }
}
