/// What a key takes. Wherever a text may stand, it may hold `${…}`, which no schema can follow.
indirect enum SchemaShape: Sendable {
    case text
    /// At least one letter.
    case filled
    case boolean
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    /// `1m30s`.
    case duration
    /// The same, and more than nothing.
    case positiveDuration
    /// `64KiB`; the least is known of plain numbers alone.
    case size(from: Int)
    /// `true`, and nothing else: what is not asked is left out.
    case asked
    /// One of these, or something with a variable.
    case choice([String])
    /// A text that matches one of these, or something with a variable.
    case pattern([String])
    /// A list is executed, a text is given to the shell.
    case command
    /// What a probe runs: a list begins with the word that says how.
    case test
    case list(SchemaShape)
    /// The value itself, or a list of such values.
    case oneOrMore(SchemaShape)
    case map(SchemaShape)
    /// The same, and `x-*` is the user's.
    case named(SchemaShape)
    /// A mapping with a table of its own.
    case section(SchemaSection)
    case either([SchemaShape])
    /// Nothing, which means something here.
    case nothing

    var value: SchemaValue {
        switch self {
        case .text: Self.object("type", .texts(["string", "number", "boolean"]))
        case .filled: Self.words("[\\s\\S]")
        case .boolean: Self.anyOf([Self.object("type", .text("boolean")), Self.variable])
        case .integer(let range):
            Self.anyOf([Self.integer(range), Self.matching(["^\\+?0*\(NumberPattern.of(range))$"])])
        case .number(let range): Self.anyOf([Self.number(range), Self.matching([Self.numbers])])
        case .duration: Self.anyOf([Self.object("const", .integer(0)), Self.matching([Self.durations])])
        case .positiveDuration: Self.matching([Self.positiveDurations])
        case .size(let least): Self.anyOf([Self.integer(least...(1 << 50)), Self.matching([Self.sizes])])
        case .asked: Self.anyOf([Self.object("enum", .list([.boolean(true)])), Self.variable])
        case .choice(let names): Self.anyOf([Self.object("enum", .texts(names)), Self.variable])
        case .pattern(let patterns): Self.matching(patterns)
        case .command: Self.reference("command")
        case .test: Self.testValue
        case .list(let item): Self.list(item.value)
        case .oneOrMore(let item): Self.anyOf([item.value, Self.list(item.value)])
        case .map(let item):
            .object([.init("type", .text("object")), .init("additionalProperties", item.value)])
        case .named(let item):
            .object([
                .init("type", .text("object")), SchemaRules.own, .init("additionalProperties", item.value),
            ])
        case .section(let section): Self.reference(section.name)
        case .either(let shapes): Self.anyOf(shapes.map(\.value))
        case .nothing: Self.object("type", .text("null"))
        }
    }

    /// Every table that it leads to.
    var sections: [SchemaSection] {
        switch self {
        case .section(let section): [section]
        case .list(let shape), .oneOrMore(let shape), .map(let shape), .named(let shape): shape.sections
        case .either(let shapes): shapes.flatMap(\.sections)
        default: []
        }
    }

    /// What `command` refers to.
    static let commandValue: SchemaValue = .object([
        .init("description", .text("A list is executed as it is; a text is given to /bin/sh -c.")),
        .init("anyOf", .list([words("\\S"), list(beginningWith: words("[\\s\\S]")), SchemaShape.nothing.value])),
    ])

    private static let testValue = anyOf([
        words("\\S"), list(beginningWith: matching(["^CMD(-SHELL)?$"]), count: 2),
        list(beginningWith: matching(["^NONE$"])),
    ])

    // MARK: - Pieces

    private static let decimal = "([0-9]+\\.?[0-9]*|\\.[0-9]+)"
    private static let units = "(ns|us|µs|ms|s|m|h|d)"
    private static let durations = "^(\(decimal)\(units))+$|^0$"
    /// One of the parts has a digit that is not 0.
    private static let positiveDurations =
        "^(\(decimal)\(units))*([0-9]*[1-9][0-9]*\\.?[0-9]*|[0-9]*\\.[0-9]*[1-9][0-9]*)\(units)(\(decimal)\(units))*$"
    private static let sizes = "^\(decimal)([kKmMgG]([iI]?[bB])?|[bB])?$"
    /// Quoted ones, whose range only the loader knows.
    private static let numbers = "^[+-]?\(decimal)([eE][+-]?[0-9]+)?$"

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

    private static func list(beginningWith first: SchemaValue, count: Int = 1) -> SchemaValue {
        .object([
            .init("type", .text("array")), .init("items", .list([first])),
            .init("additionalItems", SchemaShape.text.value), .init("minItems", .integer(count)),
        ])
    }

    /// A text that matches; a number and a boolean are words as well.
    private static func words(_ pattern: String) -> SchemaValue {
        .object([.init("type", .texts(["string", "number", "boolean"])), .init("pattern", .text(pattern))])
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
    /// What holds between its keys.
    var rules: [SchemaValue] = []

    var value: SchemaValue {
        var members: [SchemaValue.Member] = [
            .init("type", .texts(["object", "null"])),
            .init("properties", .object(keys.map { .init($0.name, $0.value) })),
            SchemaRules.own,
            .init("additionalProperties", .boolean(false)),
        ]
        if !required.isEmpty { members.append(.init("required", .texts(required))) }
        if !rules.isEmpty { members.append(.init("allOf", .list(rules))) }
        return .object(members)
    }
}
