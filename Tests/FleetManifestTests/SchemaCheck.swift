@testable import FleetManifest

/// As much of JSON Schema (draft 7) as the schema uses.
struct SchemaCheck {
    private let schema = ManifestSchema.value

    func complaints(_ tree: YAMLTree) -> [String] { complaints(tree, schema, at: "") }

    private func complaints(_ tree: YAMLTree, _ schema: SchemaValue, at path: String) -> [String] {
        guard case .object(let members) = schema else { return [] }
        var found: [String] = []
        for member in members {
            switch (member.key, member.value) {
            case ("$ref", .text(let reference)):
                let name = reference.replacing("#/definitions/", with: "")
                found += complaints(tree, definition(name), at: path)
            case ("allOf", .list(let all)): found += all.flatMap { complaints(tree, $0, at: path) }
            case ("anyOf", .list(let choices)):
                let all = choices.map { complaints(tree, $0, at: path) }
                if !all.contains([]) { found.append("\(path): fits none of \(choices.count): \(all.joined())") }
            case ("oneOf", .list(let choices)):
                let count = choices.count { complaints(tree, $0, at: path).isEmpty }
                if count != 1 { found.append("\(path): fits \(count) of \(choices.count)") }
            case ("not", let other): if complaints(tree, other, at: path).isEmpty { found.append("\(path): fits") }
            case ("if", let condition):
                let branch = complaints(tree, condition, at: path).isEmpty ? "then" : "else"
                if let rule = members.first(where: { $0.key == branch }) {
                    found += complaints(tree, rule.value, at: path)
                }
            case ("contains", let item):
                if case .list(let items, _) = tree, !items.contains(where: { complaints($0, item, at: path).isEmpty }) {
                    found.append("\(path): has no such item")
                }
            case ("type", .text(let type)): if !types(tree).contains(type) { found.append("\(path): is no \(type)") }
            case ("type", .list(let wanted)):
                let names = types(tree).map(SchemaValue.text)
                if !wanted.contains(where: names.contains) { found.append("\(path): is none of the types") }
            case ("enum", .list(let values)):
                if !values.contains(value(tree)) { found.append("\(path): is none of \(values)") }
            case ("const", let value): if value != self.value(tree) { found.append("\(path): is not \(value)") }
            case ("pattern", .text(let pattern)): found += match(tree, pattern, path)
            case ("minimum", let bound), ("maximum", let bound): found += compare(tree, member.key, bound, path)
            case ("minItems", .integer(let count)):
                if case .list(let items, _) = tree, items.count < count { found.append("\(path): has too few") }
            case ("items", .list(let first)):
                if case .list(let items, _) = tree {
                    found += zip(items, first).flatMap { complaints($0, $1, at: "\(path)[]") }
                    guard let rest = members.first(where: { $0.key == "additionalItems" })?.value else { continue }
                    found += items.dropFirst(first.count).flatMap { complaints($0, rest, at: "\(path)[]") }
                }
            case ("items", let item):
                if case .list(let items, _) = tree { found += items.flatMap { complaints($0, item, at: "\(path)[]") } }
            case ("required", .list(let names)):
                for case .text(let name) in names where tree.entries?.contains(where: { $0.key == name }) == false {
                    found.append("\(path): needs \(name)")
                }
            case ("additionalProperties", let rest): found += others(tree, rest, members, path)
            case ("properties", .object(let properties)):
                for entry in tree.entries ?? [] {
                    guard let known = properties.first(where: { $0.key == entry.key }) else { continue }
                    found += complaints(entry.value, known.value, at: "\(path).\(entry.key)")
                }
            case ("then", _), ("else", _), ("additionalItems", _), ("patternProperties", _), ("description", _),
                ("default", _), ("title", _),
                ("$schema", _),
                ("definitions", _):
                break
            default: found.append("the check does not know \(member.key)")
            }
        }
        return found
    }

    private func definition(_ name: String) -> SchemaValue {
        guard case .object(let root) = schema, let all = root.first(where: { $0.key == "definitions" }),
            case .object(let definitions) = all.value
        else { return .boolean(false) }
        return definitions.first { $0.key == name }?.value ?? .boolean(false)
    }

    private func others(
        _ tree: YAMLTree,
        _ rest: SchemaValue,
        _ members: [SchemaValue.Member],
        _ path: String
    ) -> [String] {
        var known: Set<String> = []
        if case .object(let properties)? = members.first(where: { $0.key == "properties" })?.value {
            known = Set(properties.map(\.key))
        }
        let isOpen = members.contains { $0.key == "patternProperties" }
        return (tree.entries ?? []).filter { !known.contains($0.key) && !(isOpen && $0.key.hasPrefix("x-")) }
            .flatMap { entry in
                rest == .boolean(false)
                    ? ["\(path): unknown \(entry.key)"] : complaints(entry.value, rest, at: "\(path).\(entry.key)")
            }
    }

    private func match(_ tree: YAMLTree, _ pattern: String, _ path: String) -> [String] {
        guard case .text(let text) = value(tree) else { return [] }
        guard let regex = try? Regex(pattern) else { return ["\(path): \(pattern) is no pattern"] }
        return text.firstMatch(of: regex) == nil ? ["\(path): does not match \(pattern)"] : []
    }

    private func compare(_ tree: YAMLTree, _ key: String, _ bound: SchemaValue, _ path: String) -> [String] {
        func number(_ value: SchemaValue) -> Double? {
            switch value {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: nil
            }
        }
        guard let value = number(value(tree)), let bound = number(bound) else { return [] }
        let fits = key == "minimum" ? value >= bound : value <= bound
        return fits ? [] : ["\(path): \(value) is out of range"]
    }

    /// What editors take a YAML value for.
    private func value(_ tree: YAMLTree) -> SchemaValue {
        guard case .scalar(let text, let isPlain, _) = tree else { return .list([]) }
        guard isPlain, !tree.isNull else { return .text(text) }
        if let integer = Int(text) { return .integer(integer) }
        if let number = Quantity.number(text) { return .number(number) }
        return text == "true" || text == "false" ? .boolean(text == "true") : .text(text)
    }

    private func types(_ tree: YAMLTree) -> [String] {
        switch tree {
        case .list: return ["array"]
        case .mapping: return ["object"]
        case .scalar:
            if tree.isNull { return ["null"] }
            switch value(tree) {
            case .integer: return ["integer", "number"]
            case .number: return ["number"]
            case .boolean: return ["boolean"]
            default: return ["string"]
            }
        }
    }
}
