import FleetModel

extension ServiceReader {
    private enum Action: String, CaseIterable { case restart, rebuild, exec, signal }

    /// Of one service.
    private static let watchLimit = 64

    /// `develop.watch` as compose has it: `[{path, include, ignore, action}]`.
    func watch(_ tree: YAMLTree?, hasBuild: Bool) -> [WatchRule] {
        guard let tree = reader.entries(tree, "\"develop\"", keys: .develop) else { return [] }
        let items = reader.list(tree["watch"], "\"watch\"") ?? []
        if items.count > Self.watchLimit {
            findings.error(.badValue, at: items[Self.watchLimit].place, "more than \(Self.watchLimit) watch rules")
        }
        return items.prefix(Self.watchLimit).compactMap { rule($0, hasBuild: hasBuild) }
    }

    private func rule(_ tree: YAMLTree, hasBuild: Bool) -> WatchRule? {
        guard let given = reader.entries(tree, "a watch rule", keys: .watchRule) else { return nil }
        let include = patterns(given["include"], "\"include\"")
        let ignore = patterns(given["ignore"], "\"ignore\"")
        let action = action(given, at: tree.place, hasBuild: hasBuild)
        guard let written = given["path"], let text = reader.string(written, "\"path\""), !text.isEmpty else {
            findings.error(.missing, at: tree.place, "a watch rule needs \"path\", a file or a folder")
            return nil
        }
        let path = path(text, writtenAt: written.place)
        surroundings.mentions.add(path, .watched, text, at: written.place)
        return action.map { WatchRule(path: path, include: include, ignore: ignore, action: $0) }
    }

    /// One pattern or several, relative to the rule's path.
    private func patterns(_ tree: YAMLTree?, _ what: String) -> [String] {
        guard let tree, !tree.isNull else { return [] }
        let items: [YAMLTree]
        if case .list(let list, _) = tree { items = list } else { items = [tree] }
        return items.compactMap { item in
            let before = findings.noticed
            let text = reader.string(item, "an item of \(what)")
            guard findings.noticed == before else { return nil }
            guard let text, !text.isEmpty else {
                findings.error(.badValue, at: item.place, "\(what) has an empty item")
                return nil
            }
            guard !text.hasPrefix("/"), !text.split(separator: "/").contains("..") else {
                findings.error(.badValue, at: item.place, "\(what) takes patterns relative to the rule's \"path\"")
                return nil
            }
            return text
        }
    }

    private func action(_ given: YAMLTree, at place: Place, hasBuild: Bool) -> WatchRule.Action? {
        guard let tree = given["action"], !tree.isNull else {
            findings.error(.missing, at: place, "a watch rule needs \"action\": restart, rebuild, exec or signal")
            return nil
        }
        if case .scalar(let text, _, let place) = tree, text == "sync" || text.hasPrefix("sync+") {
            let instead = text == "sync+exec" ? "exec" : "restart"
            let hint = "services run on this machine, so nothing is copied anywhere; use \(instead)"
            findings.error(
                .badValue,
                at: place,
                "\"action: \(text.prefix(40))\" copies files into a container",
                hint: hint
            )
            return nil
        }
        guard let action: Action = reader.choice(tree, "\"action\"") else { return nil }
        checkCompanions(of: action, given)
        switch action {
        case .restart: return .restart
        case .rebuild:
            if hasBuild { return .rebuild }
            let hint = "add the command to run, or use restart"
            findings.error(.missing, at: tree.place, "\"action: rebuild\" needs the service's \"build\"", hint: hint)
            return nil
        case .exec: return command(given["exec"], at: tree.place).map { .exec($0) }
        case .signal: return signal(given["signal"], at: tree.place).map { .signal($0) }
        }
    }

    /// `exec` and `signal` belong to the action of their name.
    private func checkCompanions(of action: Action, _ given: YAMLTree) {
        for companion in [Action.exec, .signal] where companion != action {
            guard let tree = given[companion.rawValue], !tree.isNull else { continue }
            let message =
                "\"\(companion.rawValue)\" belongs to \"action: \(companion.rawValue)\", not to \"\(action.rawValue)\""
            findings.error(.badValue, at: tree.place, message)
        }
    }

    /// `{command: …}` as in compose, or the command itself.
    private func command(_ tree: YAMLTree?, at place: Place) -> CommandLine? {
        guard let tree, !tree.isNull else {
            findings.error(.missing, at: place, "\"action: exec\" needs \"exec: {command: …}\"")
            return nil
        }
        guard case .mapping = tree else { return reader.command(tree, "\"exec\"") }
        guard let given = reader.entries(tree, "\"exec\"", keys: .watchCommand) else { return nil }
        guard let command = given["command"], !command.isNull else {
            findings.error(.missing, at: tree.place, "\"exec\" needs \"command\"")
            return nil
        }
        return reader.command(command, "\"command\"")
    }

    private func signal(_ tree: YAMLTree?, at place: Place) -> Int32? {
        guard let tree, !tree.isNull else {
            findings.error(.missing, at: place, "\"action: signal\" needs \"signal\", like SIGHUP")
            return nil
        }
        return signalNumber(tree, "\"signal\"")
    }
}
