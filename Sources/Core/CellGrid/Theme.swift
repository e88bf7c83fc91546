/// How many colours the terminal shows.
package enum ColourMode: String, Hashable, Sendable, CaseIterable {
    case mono
    case ansi16 = "16"
    case ansi256 = "256"
}

/// What a style looks like in one colour mode. A missing colour is the terminal's own.
package struct Appearance: Hashable, Sendable {
    package var foreground: UInt8?
    package var bold = false
    package var dim = false
    package var underline = false
    package var reverse = false

    package init(
        foreground: UInt8? = nil,
        bold: Bool = false,
        dim: Bool = false,
        underline: Bool = false,
        reverse: Bool = false
    ) {
        self.foreground = foreground
        self.bold = bold
        self.dim = dim
        self.underline = underline
        self.reverse = reverse
    }
}

/// Maps roles to looks. Backgrounds are never painted: a selection is reverse video.
package struct Theme: Hashable, Sendable {
    /// The look of one role. The attributes apply in every mode; `monochrome` replaces them where there is no colour.
    package struct Look: Hashable, Sendable {
        package var indexed: UInt8?
        package var basic: UInt8?
        package var attributes: Appearance
        package var monochrome: Appearance

        /// `indexed` is a 256-palette colour, `basic` one of the terminal's own sixteen; `indexed` defaults to `basic`.
        package init(
            _ basic: UInt8? = nil,
            indexed: UInt8? = nil,
            _ attributes: Appearance = Appearance(),
            mono: Appearance? = nil
        ) {
            self.basic = basic
            self.indexed = indexed ?? basic
            self.attributes = attributes
            monochrome = mono ?? attributes
        }
    }

    /// The background a theme's indexed colours were chosen for.
    package enum Background: Hashable, Sendable { case dark, light, either }

    package let name: String
    package let background: Background
    private let looks: [Look]

    /// Roles that are not listed look like the terminal's own text.
    package init(name: String, background: Background, looks: [Role: Look]) {
        self.name = name
        self.background = background
        self.looks = Role.allCases.map { looks[$0] ?? Look() }
    }

    package func look(of role: Role) -> Look { looks[Int(role.rawValue)] }

    package func appearance(of style: Style, mode: ColourMode) -> Appearance {
        let look = looks[Int(style.role.rawValue)]
        var appearance = mode == .mono ? look.monochrome : look.attributes
        switch mode {
        case .mono: appearance.foreground = nil
        case .ansi16: appearance.foreground = style.foreground.map(Palette.nearestBasic) ?? look.basic
        case .ansi256: appearance.foreground = style.foreground ?? look.indexed
        }
        appearance.bold = appearance.bold || style.isBold
        appearance.dim = appearance.dim || style.isDim
        appearance.underline = appearance.underline || style.isUnderlined
        // Reversing twice would hide a match inside a selection, so reverse adds up instead of toggling.
        appearance.reverse = appearance.reverse || style.isReversed
        return appearance
    }
}

extension Theme: CustomStringConvertible {
    package var description: String { name }
}
