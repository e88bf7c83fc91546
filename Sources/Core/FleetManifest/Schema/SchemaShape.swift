/// What a key takes. Wherever a text may stand, it may hold `${…}`, which no schema can follow.
indirect enum SchemaShape: Sendable {
    case text
    case boolean
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    /// `1m30s`.
    case duration
    /// `64KiB`.
    case size
    /// One of these, or something with a variable.
    case choice([String])
    /// A text that matches one of these, or something with a variable.
    case pattern([String])
    /// A list is executed, a text is given to the shell.
    case command
    case list(SchemaShape)
    /// The value itself, or a list of such values.
    case oneOrMore(SchemaShape)
    case map(SchemaShape)
    /// A mapping with a table of its own.
    case section(SchemaSection)
    case either([SchemaShape])
    /// Nothing, which means something here.
    case nothing

    var value: SchemaValue {
        switch self {
        case .text: Self.object("type", .texts(["string", "number", "boolean"]))
        case .boolean: Self.anyOf([Self.object("type", .text("boolean")), Self.variable])
        case .integer(let range): Self.anyOf([Self.integer(range), Self.variable])
        case .number(let range): Self.anyOf([Self.number(range), Self.variable])
        case .duration: Self.anyOf([Self.object("const", .integer(0)), Self.matching([Self.durations])])
        case .size: Self.anyOf([Self.integer(0...(1 << 50)), Self.matching([Self.sizes])])
        case .choice(let names): Self.anyOf([Self.object("enum", .texts(names)), Self.variable])
        case .pattern(let patterns): Self.matching(patterns)
        case .command: Self.reference("command")
        case .list(let item): Self.list(item.value)
        case .oneOrMore(let item): Self.anyOf([item.value, Self.list(item.value)])
        case .map(let item):
            .object([.init("type", .text("object")), .init("additionalProperties", item.value)])
        case .section(let section): Self.reference(section.name)
        case .either(let shapes): Self.anyOf(shapes.map(\.value))
        case .nothing: Self.object("type", .text("null"))
        }
    }

    /// Every table that it leads to.
    var sections: [SchemaSection] {
        switch self {
        case .section(let section): [section]
        case .list(let shape), .oneOrMore(let shape), .map(let shape): shape.sections
        case .either(let shapes): shapes.flatMap(\.sections)
        default: []
        }
    }

    /// What `command` refers to.
    static let commandValue: SchemaValue = .object([
        .init("description", .text("A list is executed as it is; a text is given to /bin/sh -c.")),
        .init(
            "anyOf",
            .list([
                .object([.init("type", .text("string")), .init("pattern", .text("\\S"))]),
                .object([
                    .init("type", .text("array")), .init("items", SchemaShape.text.value),
                    .init("minItems", .integer(1)),
                ]),
                SchemaShape.nothing.value,
            ])
        ),
    ])

    // MARK: - Pieces

    private static let durations = "^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h|d))+$|^0$"
    private static let sizes = "^[0-9]+(\\.[0-9]+)?([kKmMgG]([iI]?[bB])?|[bB])?$"

    private static let variable = matching([])

    private static func matching(_ patterns: [String]) -> SchemaValue {
        .object([
            .init("type", .text("string")), .init("pattern", .text((patterns + ["\\$\\{"]).joined(separator: "|"))),
        ])
    }

    private static func integer(_ range: ClosedRange<Int>) -> SchemaValue {
        .object([
            .init("type", .text("integer")), .init("minimum", .integer(range.lowerBound)),
            .init("maximum", .integer(range.upperBound)),
        ])
    }

    private static func number(_ range: ClosedRange<Double>) -> SchemaValue {
        .object([
            .init("type", .text("number")), .init("minimum", .number(range.lowerBound)),
            .init("maximum", .number(range.upperBound)),
        ])
    }

    private static func list(_ item: SchemaValue) -> SchemaValue {
        .object([.init("type", .text("array")), .init("items", item)])
    }

    private static func object(_ key: String, _ value: SchemaValue) -> SchemaValue { .object([.init(key, value)]) }

    /// Alternatives within alternatives are one list of them.
    private static func anyOf(_ values: [SchemaValue]) -> SchemaValue {
        let flat = values.flatMap { value -> [SchemaValue] in
            if case .object(let members) = value, members.count == 1, members[0].key == "anyOf",
                case .list(let inner) = members[0].value
            {
                return inner
            }
            return [value]
        }
        var seen: Set<SchemaValue> = []
        return object("anyOf", .list(flat.filter { seen.insert($0).inserted }))
    }

    private static func reference(_ name: String) -> SchemaValue { object("$ref", .text("#/definitions/\(name)")) }
}

/// One key of the manifest.
struct SchemaKey: Sendable {
    var name: String
    var shape: SchemaShape
    /// One or two sentences, as editors show them beside the key.
    var about: String
    /// What holds when it is left out; shown by editors.
    var standard: SchemaValue?

    init(_ name: String, _ shape: SchemaShape, _ about: String, standard: SchemaValue? = nil) {
        self.name = name
        self.shape = shape
        self.about = about
        self.standard = standard
    }

    /// Nothing as a value leaves a key out. Beside a `$ref` draft 7 sees nothing, so the reference stands in an `allOf`;
    /// with an `anyOf` for the nothing, editors would say of a slip deep within only that something fits nowhere.
    var value: SchemaValue {
        var members: [SchemaValue.Member] = [.init("description", .text(about))]
        if let standard { members.append(.init("default", standard)) }
        guard case .object(let shape) = shape.value else { return .object(members) }
        for member in shape {
            switch (member.key, member.value) {
            case ("$ref", _): members.append(.init("allOf", .list([.object([member])])))
            case ("type", .text(let type)): members.append(.init("type", .texts([type, "null"])))
            case ("type", .list(let types)): members.append(.init("type", .list(types + [.text("null")])))
            case ("anyOf", .list(let choices)):
                let nothing = SchemaShape.nothing.value
                members.append(.init("anyOf", .list(choices.contains(nothing) ? choices : choices + [nothing])))
            default: members.append(member)
            }
        }
        return .object(members)
    }
}

/// The table of one kind of mapping: what `KnownKeys` of the same name supports.
struct SchemaSection: Sendable {
    var name: String
    var keys: [SchemaKey]
    var required: [String] = []

    var value: SchemaValue {
        var members: [SchemaValue.Member] = [
            .init("type", .texts(["object", "null"])),
            .init("properties", .object(keys.map { .init($0.name, $0.value) })),
            // The user's own.
            .init("patternProperties", .object([.init("^x-", .boolean(true))])),
            .init("additionalProperties", .boolean(false)),
        ]
        if !required.isEmpty { members.append(.init("required", .texts(required))) }
        return .object(members)
    }
}
