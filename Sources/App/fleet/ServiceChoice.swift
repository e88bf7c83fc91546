import ArgumentParser
import FleetAPI
import FleetModel
import FleetProcesses

extension FleetSnapshot {
    /// The instances that these names mean, in the order of the snapshot: a service means all its replicas. All of them
    /// when no name is given.
    ///
    /// - Throws: status 2 for a name that nothing has.
    func instances(named names: [String]) throws(Failure) -> [ServiceSnapshot] {
        for name in names where !services.contains(where: { $0.isMeant(by: name) }) {
            let hint = NearestName.hint(name, among: services.flatMap { [$0.id.rawValue, $0.name.rawValue] })
            throw .invalid("no service named \"\(name)\"\(hint.isEmpty ? "" : "; \(hint)")")
        }
        return names.isEmpty ? services : services.filter { service in names.contains { service.isMeant(by: $0) } }
    }

    /// The one instance that a name means.
    ///
    /// - Throws: status 2 for an unknown name, and for a service with several replicas.
    func instance(named name: String) throws(Failure) -> ServiceSnapshot {
        let all = try instances(named: [name])
        if let exact = all.first(where: { $0.id.rawValue == name }) { return exact }
        guard all.count == 1, let only = all.first else {
            let known = all.map(\.id.rawValue).joined(separator: ", ")
            throw .invalid("\(name) has several replicas; name one of \(known)")
        }
        return only
    }
}

extension ServiceSnapshot {
    fileprivate func isMeant(by text: String) -> Bool { id.rawValue == text || name.rawValue == text }
}

extension ServiceID {
    /// `users` names `users` itself and its replicas `users-1`, `users-2`…
    func isInstance(of name: String) -> Bool {
        guard rawValue != name else { return true }
        return rawValue.hasPrefix(name + "-") && Int(rawValue.dropFirst(name.count + 1)) != nil
    }
}

extension CompletionKind {
    /// Names of services and instances: of the running fleet, else of the manifest.
    static let services = CompletionKind.custom { words, _, _ async in await ServiceNames.known(to: words) }
}

private enum ServiceNames {
    /// What can be named on this command line so far; a manifest that it names is the one that is asked.
    static func known(to words: [String]) async -> [String] {
        var file: String?
        for (word, next) in zip(words, words.dropFirst()) where word == "-f" || word == "--file" { file = next }
        guard let path = try? ManifestPath.find(file) else { return [] }
        if let client = try? await EngineAccess.find(path), let snapshot = try? await client.snapshot() {
            var names = snapshot.services.map(\.id.rawValue)
            for service in snapshot.services where !names.contains(service.name.rawValue) {
                names.append(service.name.rawValue)
            }
            return names
        }
        guard let outcome = try? ManifestFile(looking: path, .plain).load() else { return [] }
        return outcome.fleet?.services.map(\.name.rawValue) ?? []
    }
}
