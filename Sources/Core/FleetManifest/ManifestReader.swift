import FleetModel

/// Reads typed values out of trees. Whatever is wrong goes to the findings and reads as nil, so that one mistake does
/// not hide the next. Interpolation happens here, on string values only.
struct ManifestReader {
    let findings: Findings
    let isStrict: Bool
    let variable: (String) -> String?
    let port: (_ service: String, _ name: String) -> Interpolation.PortAnswer

    // MARK: - Mappings

    /// Tells unknown and not yet supported keys; `x-*` is the user's.
    func entries(_ tree: YAMLTree?, _ what: String, keys: KnownKeys) -> YAMLTree? {
        guard let tree, !tree.isNull else { return nil }
        guard let entries = tree.entries else {
            findings.error(.badValue, at: tree.place, "\(what) takes a mapping, not \(tree.kind)")
            return nil
        }
        for entry in entries where !entry.key.hasPrefix("x-") {
            if keys.supported.contains(entry.key) { continue }
            if keys.unsupported.contains(entry.key) {
                findings.error(.unsupported, at: entry.place, "\"\(entry.key)\" is not supported yet")
            } else {
                findings.error(
                    .unknownKey,
                    at: entry.place,
                    "unknown key \"\(entry.key.prefix(80))\"",
                    hint: keys.elsewhere[entry.key] ?? NearestName.hint(entry.key, among: keys.supported)
                )
            }
        }
        return tree
    }

    /// A mapping whose keys are the user's own.
    func pairs(_ tree: YAMLTree?, _ what: String, _ expected: String = "a mapping") -> [YAMLTree.Entry]? {
        guard let tree, !tree.isNull else { return nil }
        guard let entries = tree.entries else {
            findings.error(.badValue, at: tree.place, "\(what) takes \(expected), not \(tree.kind)")
            return nil
        }
        return entries
    }

    // MARK: - Scalars

    /// The text after interpolation; nil (and an error) for lists and mappings, nil alone for nothing.
    func string(_ tree: YAMLTree?, _ what: String) -> String? {
        guard let tree, !tree.isNull else { return nil }
        guard case .scalar(let text, let isPlain, let place) = tree else {
            findings.error(.badValue, at: tree.place, "\(what) takes a text, not \(tree.kind)")
            return nil
        }
        let result = expand(text, isPlain: isPlain, place)
        // Neither a path nor an argument nor a variable can hold one (execve(2)).
        guard !result.utf8.contains(0) else {
            findings.error(.badValue, at: place, "\(what) has a NUL character in it")
            return nil
        }
        return result
    }

    /// The place of one byte of a text, where the text stands in the file as it reads here.
    func spot(_ offset: Int, in tree: YAMLTree) -> Place {
        guard case .scalar(let text, let isPlain, let place) = tree else { return tree.place }
        let isAsWritten = !text.utf8.contains { $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: "\n") }
        return isAsWritten ? place.moved(by: Self.scalars(text, before: offset) + (isPlain ? 0 : 1)) : place
    }

    private func expand(_ text: String, isPlain: Bool, _ place: Place) -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        guard findings.canExpand else {
            findings.error(.interpolation, at: .whole(place.file), "is too large when its variables are replaced")
            return ""
        }
        var interpolation = Interpolation(variable: variable, port: port)
        let result = interpolation.expand(text)
        findings.spend(max(text.utf8.count, result.utf8.count))
        for problem in interpolation.problems {
            // Only a text on one line has a column for each of its letters.
            let shift = text.contains("\n") ? 0 : Self.scalars(text, before: problem.offset) + (isPlain ? 0 : 1)
            let spot = place.moved(by: shift)
            if problem.isWarning, !isStrict {
                findings.warning(.interpolation, at: spot, problem.message, hint: problem.hint)
            } else {
                findings.error(.interpolation, at: spot, problem.message, hint: problem.hint)
            }
        }
        return result
    }

    private static func scalars(_ text: String, before offset: Int) -> Int {
        String(decoding: text.utf8.prefix(offset), as: UTF8.self).unicodeScalars.count
    }

    /// YAML 1.2 core: `true` and `false`, unquoted. `yes`, `no`, `on` and `off` are texts.
    func boolean(_ tree: YAMLTree?, _ what: String, _ expected: String = "true or false") -> Bool? {
        guard let tree, !tree.isNull else { return nil }
        var given = tree.kind
        if case .scalar(let raw, let isPlain, _) = tree, isPlain || raw.contains("${") {
            let before = findings.noticed
            guard let text = string(tree, what), findings.noticed == before else { return nil }
            switch text {
            case "true", "True", "TRUE": return true
            case "false", "False", "FALSE": return false
            default: given = "\"\(text.prefix(60))\""
            }
        }
        findings.error(.badValue, at: tree.place, "\(what) takes \(expected), not \(given)")
        return nil
    }

    func integer(_ tree: YAMLTree?, _ what: String, in range: ClosedRange<Int>) -> Int? {
        parsed(tree, what, "a whole number \(Self.text(range))") {
            Quantity.integer($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func number(_ tree: YAMLTree?, _ what: String, in range: ClosedRange<Double>, _ expected: String) -> Double? {
        parsed(tree, what, expected) { Quantity.number($0).flatMap { range.contains($0) ? $0 : nil } }
    }

    func duration(_ tree: YAMLTree?, _ what: String, isPositive: Bool = false) -> Duration? {
        let expected =
            isPositive ? "a duration above zero like 500ms, 10s or 1m30s" : "a duration like 500ms, 10s or 1m30s"
        return parsed(tree, what, expected, excess: { Quantity.isTooLong($0) ? Quantity.longestText : nil }) { text in
            Quantity.duration(text).flatMap { isPositive && $0 == .zero ? nil : $0 }
        }
    }

    /// `example` is a size within the range.
    func bytes(
        _ tree: YAMLTree?,
        _ what: String,
        in range: ClosedRange<Int>,
        like example: String = "10MiB"
    ) -> Int? {
        let least = range.lowerBound
        let expected =
            least > 1
            ? "a size from \(Quantity.text(bytes: least)) up like \(example)" : "a size like 64KiB or \(example)"
        let most = range.upperBound
        let excess = { (text: String) in Quantity.isSize(text, above: most) ? Quantity.text(bytes: most) : nil }
        return parsed(tree, what, expected, excess: excess) { text in
            Quantity.bytes(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Whole seconds, as a number or as a duration; at least one.
    func seconds(_ tree: YAMLTree?, _ what: String) -> Int? {
        let isTooLong = { (text: String) in Quantity.isTooLong(text) || Quantity.isTooLong("\(text)s") }
        let excess = { (text: String) in isTooLong(text) ? Quantity.longestText : nil }
        return parsed(tree, what, "a time from 1s up, in whole seconds", excess: excess) { text in
            let value = Quantity.duration(text) ?? Quantity.integer(text).flatMap { Quantity.duration("\($0)s") }
            guard let parts = value?.components, parts.seconds >= 1, parts.attoseconds == 0 else { return nil }
            return Int(parts.seconds)
        }
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ tree: YAMLTree?, _ what: String) -> Choice?
    where Choice.RawValue == String {
        let before = findings.noticed
        guard let tree, let text = string(tree, what), findings.noticed == before else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        findings.error(
            .badValue,
            at: tree.place,
            "\(what) is one of \(names.joined(separator: ", ")), not \"\(text.prefix(60))\"",
            hint: NearestName.hint(text, among: names)
        )
        return nil
    }

    /// `excess` names the most that may be asked for, when the text is well written and asks for more.
    private func parsed<Value>(
        _ tree: YAMLTree?,
        _ what: String,
        _ expected: String,
        excess: (String) -> String? = { _ in nil },
        _ parse: (String) -> Value?
    ) -> Value? {
        guard let tree, !tree.isNull else { return nil }
        guard case .scalar = tree else {
            findings.error(.badValue, at: tree.place, "\(what) takes \(expected), not \(tree.kind)")
            return nil
        }
        let before = findings.noticed
        guard let text = string(tree, what) else { return nil }
        if let value = parse(text) { return value }
        // The variable that is missing has been told already.
        if findings.noticed == before {
            let expected = excess(text).map { "at most \($0)" } ?? expected
            findings.error(.badValue, at: tree.place, "\(what) takes \(expected), not \"\(text.prefix(60))\"")
        }
        return nil
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max ? "from \(range.lowerBound) up" : "from \(range.lowerBound) to \(range.upperBound)"
    }

    // MARK: - Lists

    func list(_ tree: YAMLTree?, _ what: String) -> [YAMLTree]? {
        guard let tree, !tree.isNull else { return nil }
        guard case .list(let items, _) = tree else {
            findings.error(.badValue, at: tree.place, "\(what) takes a list, not \(tree.kind)")
            return nil
        }
        return items
    }

    func strings(_ tree: YAMLTree?, _ what: String) -> [String]? {
        list(tree, what)?.compactMap { item in
            if item.isNull { findings.error(.badValue, at: item.place, "\(what) has an empty item") }
            return string(item, "an item of \(what)")
        }
    }

    /// One text, or a list of them.
    func stringOrStrings(_ tree: YAMLTree?, _ what: String) -> [String]? {
        guard let tree, case .scalar = tree else { return strings(tree, what) }
        return string(tree, what).map { [$0] }
    }

    /// A list is executed as it is; a text is given to the shell.
    func command(_ tree: YAMLTree?, _ what: String) -> CommandLine? {
        guard let tree, !tree.isNull else { return nil }
        let before = findings.noticed
        switch tree {
        case .scalar:
            guard let text = string(tree, what) else { return nil }
            if !text.utf8.allSatisfy({ $0 <= 32 }) { return .shell(text) }
        case .list:
            guard let words = strings(tree, what) else { return nil }
            if let first = words.first, !first.isEmpty { return .exec(words) }
        case .mapping:
            findings.error(.badValue, at: tree.place, "\(what) takes a list or a text, not a mapping")
            return nil
        }
        // What made it empty may have been told already.
        if findings.noticed == before { findings.error(.badValue, at: tree.place, "\(what) is empty") }
        return nil
    }
}
