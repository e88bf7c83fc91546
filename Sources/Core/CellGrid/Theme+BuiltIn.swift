extension Theme {
    package static let builtIn: [Theme] = [.standard, .dark, .light, .colourBlind, .highContrast]

    package static func named(_ name: String) -> Theme? { builtIn.first { $0.name == name } }

    /// Status in the terminal's own sixteen colours; sources in twelve colours of middle brightness that read on dark and
    /// on light backgrounds.
    package static let standard = Theme(
        name: "default",
        background: .either,
        looks: chrome.merging(status(ok: Look(2), warn: Look(3), fail: Look(1, bold), busy: Look(6))) { $1 }
            .merging(sources(middleSources)) { $1 }
    )

    /// Fixed colours for dark backgrounds.
    package static let dark = Theme(
        name: "dark",
        background: .dark,
        looks: chrome.merging(greys(dim: Look(7, indexed: 247), border: Look(7, indexed: 243))) { $1 }.merging(
            status(
                ok: Look(2, indexed: 114),
                warn: Look(3, indexed: 221),
                fail: Look(1, indexed: 210, bold),
                busy: Look(6, indexed: 80)
            )
        ) { $1 }.merging(sources([81, 114, 211, 141, 111, 150, 79, 215, 180, 176, 186, 117])) { $1 }
    )

    /// Fixed colours for light backgrounds.
    package static let light = Theme(
        name: "light",
        background: .light,
        looks: chrome.merging(greys(dim: Look(8, indexed: 241), border: Look(8, indexed: 243))) { $1 }.merging(
            status(
                ok: Look(2, indexed: 22),
                warn: Look(3, indexed: 94),
                fail: Look(1, indexed: 124, bold),
                busy: Look(6, indexed: 24)
            )
        ) { $1 }.merging(sources([24, 22, 125, 54, 26, 58, 23, 130, 94, 90, 240, 18])) { $1 }
    )

    /// Healthy is blue and failed orange or yellow, which stay apart with any common colour blindness.
    package static let colourBlind = Theme(
        name: "colour-blind",
        background: .either,
        looks: chrome.merging(
            status(
                ok: Look(4, indexed: 33),
                warn: Look(3, indexed: 136),
                fail: Look(5, indexed: 166, bold),
                busy: Look(6, indexed: 30)
            )
        ) { $1 }.merging(sources(middleSources)) { $1 }
    )

    /// At least 7:1 on black.
    package static let highContrast = Theme(
        name: "high-contrast",
        background: .dark,
        looks: [
            .dim: Look(), .title: Look(nil, bold), .header: Look(nil, bold), .key: Look(nil, bold),
            .selection: Look(nil, reversed), .match: Look(nil, Appearance(underline: true, reverse: true)),
            .focus: Look(15, bold), .border: Look(15), .idle: Look(), .accent: Look(14, indexed: 123, bold),
        ].merging(
            status(
                ok: Look(10, indexed: 120),
                warn: Look(11, indexed: 227, bold),
                fail: Look(9, indexed: 217, bold),
                busy: Look(14, indexed: 123)
            )
        ) { $1 }.merging(sources([123, 120, 218, 189, 153, 192, 122, 222, 223, 219, 229, 159])) { $1 }
    )

    private static let bold = Appearance(bold: true)
    private static let reversed = Appearance(reverse: true)

    /// Like hues (violet and magenta, orange and brown) stand far apart, as services get these in order.
    private static let middleSources: [UInt8] = [31, 64, 168, 98, 68, 101, 30, 166, 130, 133, 244, 63]

    private static let chrome: [Role: Look] = [
        .dim: Look(nil, Appearance(dim: true)),
        .idle: Look(nil, Appearance(dim: true)),
        .title: Look(nil, bold),
        .header: Look(nil, bold),
        .key: Look(nil, bold),
        .accent: Look(6, mono: bold),
        .selection: Look(nil, reversed),
        .match: Look(nil, Appearance(underline: true, reverse: true)),
        .border: Look(nil, Appearance(dim: true)),
        .focus: Look(nil, bold),
    ]

    /// Fixed greys instead of the dim attribute, whose contrast only the terminal knows.
    private static func greys(dim: Look, border: Look) -> [Role: Look] {
        let mono = Appearance(dim: true)
        var looks: [Role: Look] = [.dim: dim, .idle: dim, .border: border]
        for role in looks.keys { looks[role]?.monochrome = mono }
        return looks
    }

    private static func status(ok: Look, warn: Look, fail: Look, busy: Look) -> [Role: Look] {
        var looks: [Role: Look] = [.ok: ok, .warn: warn, .fail: fail, .busy: busy]
        looks[.ok]?.monochrome = Appearance()
        looks[.warn]?.monochrome = bold
        looks[.fail]?.monochrome = Appearance(bold: true, reverse: true)
        looks[.busy]?.monochrome = Appearance(underline: true)
        return looks
    }

    /// Without 256 colours the sources share the terminal's own chromatic colours, dark and bright.
    private static func sources(_ indexed: [UInt8]) -> [Role: Look] {
        let basic: [UInt8] = [6, 2, 3, 5, 4, 10, 14, 11, 13, 12, 9, 1]
        var looks: [Role: Look] = [:]
        for (number, pair) in zip(basic, indexed).enumerated() {
            looks[.source(number)] = Look(pair.0, indexed: pair.1, mono: Appearance())
        }
        return looks
    }
}
