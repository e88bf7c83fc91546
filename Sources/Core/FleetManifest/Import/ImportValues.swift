/// Reads values of another launcher's file into drafts that fleet's loader takes. What does not fit becomes a note.
struct ImportValues {
    let log: ImportLog
    var grammar: DollarText.Grammar

    // MARK: - Texts

    /// The text in fleet's grammar; nil for nothing, and with a note for a list or a mapping.
    func text(_ tree: YAMLTree?, _ path: ImportPath) -> String? {
        guard let tree, !tree.isNull else { return nil }
        guard case .scalar(let text, _, let place) = tree else {
            log.note(path, at: tree.place, "is \(tree.kind), not a text; left out")
            return nil
        }
        guard log.spend(text.utf8.count) else { return nil }
        let carried = DollarText.carried(text, grammar)
        if !carried.isSound {
            log.note(path, at: place, "has a \"${…}\" that is no variable; its dollars are taken literally")
        }
        return carried.text
    }

    /// The text when it is not empty.
    func filled(_ tree: YAMLTree?, _ path: ImportPath) -> String? {
        text(tree, path).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// One text, or a list of them.
    func texts(_ tree: YAMLTree?, _ path: ImportPath) -> [String] {
        guard let tree, !tree.isNull else { return [] }
        guard case .list(let items, _) = tree else { return text(tree, path).map { [$0] } ?? [] }
        return items.enumerated().compactMap { text($0.element, path[$0.offset]) }
    }

    func items(_ tree: YAMLTree?, _ path: ImportPath) -> [(path: ImportPath, tree: YAMLTree)] {
        guard let tree, !tree.isNull else { return [] }
        guard case .list(let items, _) = tree else {
            log.note(path, at: tree.place, "is \(tree.kind), not a list; left out")
            return []
        }
        return items.enumerated().map { (path[$0.offset], $0.element) }
    }

    func entries(_ tree: YAMLTree?, _ path: ImportPath) -> [YAMLTree.Entry] {
        guard let tree, !tree.isNull else { return [] }
        guard let entries = tree.entries else {
            log.note(path, at: tree.place, "is \(tree.kind), not a mapping; left out")
            return []
        }
        return entries
    }

    // MARK: - Numbers and the like

    func integer(_ tree: YAMLTree?, _ path: ImportPath, in range: ClosedRange<Int>) -> Draft? {
        value(tree, path, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Quantity.integer(text).flatMap { range.contains($0) ? .integer($0) : nil }
        }
    }

    func boolean(_ tree: YAMLTree?, _ path: ImportPath) -> Draft? {
        value(tree, path, "true or false") { text in
            switch text.lowercased() {
            case "true": .boolean(true)
            case "false": .boolean(false)
            default: nil
            }
        }
    }

    /// False for everything that is not plainly true.
    func isTrue(_ tree: YAMLTree?) -> Bool {
        guard case .scalar(let text, _, _)? = tree else { return false }
        return text.lowercased() == "true"
    }

    /// A duration as compose and fleet write it.
    func duration(_ tree: YAMLTree?, _ path: ImportPath, isPositive: Bool = false) -> Draft? {
        value(tree, path, isPositive ? "a duration above zero" : "a duration") { text in
            Quantity.duration(text).flatMap { isPositive && $0 == .zero ? nil : .text(text) }
        }
    }

    /// A number of seconds.
    func seconds(_ tree: YAMLTree?, _ path: ImportPath, atLeast least: Int = 0) -> Draft? {
        let most = 366 * 86_400
        return value(tree, path, "a number of seconds from \(least) to \(most)") { text in
            Quantity.integer(text).flatMap { (least...most).contains($0) ? .text("\($0)s") : nil }
        }
    }

    /// A size as docker counts: `k`, `m` and `g` are powers of 1024, with a `b` behind them or not.
    func bytes(_ tree: YAMLTree?, _ path: ImportPath, in range: ClosedRange<Int>) -> Draft? {
        value(tree, path, "a size from \(range.lowerBound) to \(range.upperBound) bytes") { text in
            var number = text.lowercased()
            for unit in ["k", "m", "g"] where number.hasSuffix("\(unit)b") { number.removeLast() }
            guard let size = Quantity.bytes(number), range.contains(size) else { return nil }
            for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] where size > 0 && size % (1 << shift) == 0 {
                return .text("\(size >> shift)\(unit)")
            }
            return .integer(size)
        }
    }

    /// A value that `parse` understands, or one with a variable in it: only the loader can tell what that will be.
    func value(
        _ tree: YAMLTree?,
        _ path: ImportPath,
        _ expected: String,
        _ parse: (String) -> Draft?
    ) -> Draft? {
        guard let tree, let text = text(tree, path) else { return nil }
        if DollarText.isVariable(text) { return .text(text) }
        if let value = parse(text) { return value }
        log.note(path, at: tree.place, "is not \(expected): \(ImportLog.quoted(text)); left out")
        return nil
    }

    /// Glob patterns below the folder of a watch rule.
    func patterns(_ tree: YAMLTree?, _ path: ImportPath) -> Draft? {
        let patterns = texts(tree, path).filter { pattern in
            let isBelow = !pattern.hasPrefix("/") && !pattern.split(separator: "/").contains("..")
            if !isBelow, let tree {
                log.note(path, at: tree.place, "has a pattern that is not below the path; left out")
            }
            return isBelow && !pattern.isEmpty
        }
        return patterns.count == 1 ? patterns.first.map(Draft.text) : .texts(patterns)
    }

    // MARK: - What is the user's own

    /// `x-*`, word by word; dollars in it mean nothing to anybody.
    func verbatim(_ tree: YAMLTree, _ path: ImportPath, depth: Int = 0) -> Draft? {
        guard depth < 32 else {
            log.note(path, at: tree.place, "is nested too deeply; left out")
            return nil
        }
        switch tree {
        case .scalar(let text, let isPlain, _):
            guard log.spend(text.utf8.count + 1) else { return nil }
            return isPlain && Self.isPlainValue(text) ? .plain(text.isEmpty ? "null" : text) : .text(text)
        case .list(let items, _):
            return .list(items.enumerated().compactMap { verbatim($0.element, path[$0.offset], depth: depth + 1) })
        case .mapping(let entries, _):
            return .mapping(
                entries.compactMap { entry in
                    // libyaml takes no longer ones on one line.
                    guard entry.key.utf8.count <= 256 else {
                        log.note(path / entry.key, at: entry.place, "has too long a key; left out")
                        return nil
                    }
                    guard log.spend(entry.key.utf8.count) else { return nil }
                    return verbatim(entry.value, path / entry.key, depth: depth + 1).map {
                        Draft.Entry(key: entry.key, value: $0)
                    }
                }
            )
        }
    }

    private static func isPlainValue(_ text: String) -> Bool {
        ["", "~", "null", "true", "false"].contains(text) || Quantity.number(text) != nil
    }
}
