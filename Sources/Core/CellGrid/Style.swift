/// What a piece of the screen means. A theme decides how it looks; drawing code never names a colour.
package enum Role: UInt8, CaseIterable, Sendable {
    case plain, dim, ok, warn, fail, busy, idle, accent, title, selection, match, header, key, border, focus
    case source0, source1, source2, source3, source4, source5, source6, source7, source8, source9, source10, source11

    package static let select = Role.selection
    package static let sourceCount = 12

    /// One of the twelve source roles; any number is folded into the range.
    package static func source(_ number: Int) -> Role {
        let folded = ((number % sourceCount) + sourceCount) % sourceCount
        return Role(rawValue: source0.rawValue + UInt8(folded)) ?? .source0
    }

    /// The source role of a name: FNV-1a over its UTF-8, so that a service keeps its colour between runs and machines.
    package static func source(named name: String) -> Role {
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return source(Int(hash % UInt32(sourceCount)))
    }

    package var isSource: Bool { rawValue >= Role.source0.rawValue }
}

/// The look of one cell in four bytes: a role, attribute flags and, for output that services coloured themselves,
/// an explicit palette colour that wins over the role's foreground.
package struct Style: Hashable, Sendable {
    private struct Flags {
        static let bold: UInt8 = 1
        static let underline: UInt8 = 2
        static let reverse: UInt8 = 4
        static let dim: UInt8 = 8
        static let explicitColour: UInt8 = 16
    }

    package var role: Role
    private var flags: UInt8
    private var paletteIndex: UInt8

    package init(
        _ role: Role = .plain,
        bold: Bool = false,
        underline: Bool = false,
        reverse: Bool = false,
        dim: Bool = false,
        foreground: UInt8? = nil
    ) {
        self.role = role
        flags = 0
        paletteIndex = 0
        isBold = bold
        isUnderlined = underline
        isReversed = reverse
        isDim = dim
        self.foreground = foreground
    }

    package var isBold: Bool {
        get { has(Flags.bold) }
        set { set(Flags.bold, newValue) }
    }
    package var isUnderlined: Bool {
        get { has(Flags.underline) }
        set { set(Flags.underline, newValue) }
    }
    package var isReversed: Bool {
        get { has(Flags.reverse) }
        set { set(Flags.reverse, newValue) }
    }
    package var isDim: Bool {
        get { has(Flags.dim) }
        set { set(Flags.dim, newValue) }
    }

    /// A colour of the 256-colour palette that a service's own output asked for; dropped when there are no colours.
    package var foreground: UInt8? {
        get { has(Flags.explicitColour) ? paletteIndex : nil }
        set {
            set(Flags.explicitColour, newValue != nil)
            paletteIndex = newValue ?? 0
        }
    }

    private func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
    private mutating func set(_ flag: UInt8, _ on: Bool) { flags = on ? flags | flag : flags & ~flag }
}

extension Style {
    package func bold(_ on: Bool = true) -> Style { with { $0.isBold = on } }
    package func underline(_ on: Bool = true) -> Style { with { $0.isUnderlined = on } }
    package func reverse(_ on: Bool = true) -> Style { with { $0.isReversed = on } }
    package func dimmed(_ on: Bool = true) -> Style { with { $0.isDim = on } }
    package func role(_ role: Role) -> Style { with { $0.role = role } }
    package func foreground(_ colour: UInt8?) -> Style { with { $0.foreground = colour } }

    private func with(_ change: (inout Style) -> Void) -> Style {
        var copy = self
        change(&copy)
        return copy
    }

    package static let plain = Style(.plain)
    package static let dim = Style(.dim)
    package static let ok = Style(.ok)
    package static let warn = Style(.warn)
    package static let fail = Style(.fail)
    package static let busy = Style(.busy)
    package static let idle = Style(.idle)
    package static let accent = Style(.accent)
    package static let title = Style(.title)
    package static let selection = Style(.selection)
    package static let select = Style(.selection)
    package static let match = Style(.match)
    package static let header = Style(.header)
    package static let key = Style(.key)
    package static let border = Style(.border)
    package static let focus = Style(.focus)

    package static func source(_ number: Int) -> Style { Style(.source(number)) }
    package static func source(named name: String) -> Style { Style(.source(named: name)) }
}
