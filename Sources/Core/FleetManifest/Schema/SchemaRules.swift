/// What holds between the keys of one mapping.
enum SchemaRules {
    /// `x-*` is the user's.
    static let own = SchemaValue.Member("patternProperties", .object([.init("^x-", .boolean(true))]))

    /// The key is there, and not with nothing, which leaves it out.
    static func given(_ key: String) -> SchemaValue {
        mapping([key], [.init(key, .object([.init("not", SchemaShape.nothing.value)]))])
    }

    static func atMostOne(of keys: [String]) -> SchemaValue {
        .object([.init("oneOf", .list(keys.map(given) + [not(anyOf(keys.map(given)))]))])
    }

    /// For a mapping that may be left out.
    static func atLeastOne(of keys: [String]) -> SchemaValue {
        anyOf(keys.map(given) + [SchemaShape.nothing.value])
    }

    /// A port has a number, or gets one and is then known by its name.
    static let port = anyOf([
        given("port"), mapping(["allocate", "name"], [.init("allocate", SchemaShape.asked.value)]),
        SchemaShape.nothing.value,
    ])

    /// `exec` and `signal` belong to the action of their name.
    static let watchRule = anyOf([
        action(["exec"], with: [given("exec"), not(given("signal"))]),
        action(["signal"], with: [given("signal"), not(given("exec"))]),
        action(["restart", "rebuild"], with: [not(given("exec")), not(given("signal"))]),
        // A variable may become any of them.
        mapping(["action"], [.init("action", SchemaShape.pattern([]).value)]),
        SchemaShape.nothing.value,
    ])

    /// What each service has to say itself where no `defaults` and no other file could say it for it.
    static let top: SchemaValue = {
        let services: SchemaValue = .object([
            own, .init("additionalProperties", .object([.init("allOf", .list(service))])),
        ])
        return .object([
            .init("if", anyOf([given("defaults"), given("include")])),
            .init("else", .object([.init("properties", .object([.init("services", services)]))])),
        ])
    }()

    private static let service: [SchemaValue] = {
        let probe = atLeastOne(of: KnownKeys.probeKinds)
        let parts = KnownKeys.probes.map { SchemaValue.Member($0, probe) }
        let schedule = SchemaValue.Member("schedule", atLeastOne(of: KnownKeys.scheduleTriggers))
        let job = mapping(["type"], [.init("type", SchemaShape.pattern(["^job$"]).value)])
        let rebuild = mapping(["action"], [.init("action", .object([.init("const", .text("rebuild"))]))])
        let rules: SchemaValue = .object([.init("type", .text("array")), .init("contains", rebuild)])
        let rebuilding = mapping(["develop"], [.init("develop", mapping(["watch"], [.init("watch", rules)]))])
        return [
            given("command"), .object([.init("properties", .object(parts + [schedule]))]),
            anyOf([job, not(given("schedule"))]), anyOf([given("build"), not(rebuilding)]),
        ]
    }()

    // MARK: - Pieces

    private static func action(_ names: [String], with rules: [SchemaValue]) -> SchemaValue {
        let named = mapping(["action"], [.init("action", .object([.init("enum", .texts(names))]))])
        return .object([.init("allOf", .list([named] + rules))])
    }

    private static func mapping(_ required: [String], _ properties: [SchemaValue.Member]) -> SchemaValue {
        // Without the type, whatever is no mapping would do.
        .object([
            .init("type", .text("object")), .init("required", .texts(required)),
            .init("properties", .object(properties)),
        ])
    }

    private static func not(_ rule: SchemaValue) -> SchemaValue { .object([.init("not", rule)]) }

    private static func anyOf(_ rules: [SchemaValue]) -> SchemaValue { .object([.init("anyOf", .list(rules))]) }
}
