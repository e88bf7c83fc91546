/// The JSON schema of manifests, for editors: completion, help and checks while one types. It knows kinds and ranges of
/// values; what only shows when all services are seen together, `fleet lint` finds.
package enum ManifestSchema {
    /// Draft 7, which the language server for YAML speaks.
    package static var json: String { value.written + "\n" }

    static var value: SchemaValue {
        guard case .object(let root) = SchemaSection.top.value else { return .boolean(true) }
        let definitions = sections.dropFirst().map { SchemaValue.Member($0.name, $0.value) }
        return .object(
            [
                .init("$schema", .text("http://json-schema.org/draft-07/schema#")),
                .init("title", .text("fleet manifest")),
                .init("description", .text("What fleet starts, supervises and watches: fleet.yaml.")),
            ] + root + [.init("definitions", .object([.init("command", SchemaShape.commandValue)] + definitions))]
        )
    }

    /// Every table, the top first, each once.
    static var sections: [SchemaSection] {
        var found: [SchemaSection] = []
        var next = [SchemaSection.top]
        var names: Set<String> = []
        while let section = next.popLast() {
            guard names.insert(section.name).inserted else { continue }
            found.append(section)
            next += section.keys.flatMap(\.shape.sections).reversed()
        }
        return found
    }
}
