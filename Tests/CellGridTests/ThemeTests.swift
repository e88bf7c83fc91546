import CellGrid
import Testing

@Suite struct Themes {
    private static let status: [Role] = [.ok, .warn, .fail, .busy]
    private static let sources = (0..<Role.sourceCount).map(Role.source)

    /// WCAG 2.1: relative luminance.
    private static func luminance(_ colour: Palette.RGB) -> Double {
        func linear(_ channel: UInt8) -> Double {
            let share = Double(channel) / 255
            return share <= 0.04045 ? share / 12.92 : power((share + 0.055) / 1.055)
        }
        return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue)
    }

    /// x^2.4 without a maths library: x² times the fifth root of x², the root by Newton's method.
    private static func power(_ value: Double) -> Double {
        let square = value * value
        guard square > 0 else { return 0 }
        var root = 1.0
        for _ in 0..<60 { root -= (root * root * root * root * root - square) / (5 * root * root * root * root) }
        return square * root
    }

    private static func contrast(_ first: Palette.RGB, _ second: Palette.RGB) -> Double {
        let pair = [luminance(first), luminance(second)].sorted()
        return (pair[1] + 0.05) / (pair[0] + 0.05)
    }

    private static let black = Palette.RGB(0, 0, 0)
    private static let white = Palette.RGB(255, 255, 255)

    @Test func `the contrast formula knows its published anchors`() {
        #expect(abs(Self.contrast(Self.black, Self.white) - 21) < 0.01)
        #expect(abs(Self.contrast(Palette.RGB(0x76, 0x76, 0x76), Self.white) - 4.54) < 0.01)
    }

    @Test(arguments: Theme.builtIn.filter { $0.background != .either })
    func `with fixed colours reach 4.5 to 1, high contrast 7 to 1`(theme: Theme) {
        let required = theme.name == "high-contrast" ? 7.0 : 4.5
        let background = theme.background == .light ? Self.white : Self.black
        for role in Role.allCases {
            guard let colour = theme.look(of: role).indexed, colour > 15 else { continue }
            #expect(Self.contrast(Palette.rgb(colour), background) >= required, "\(theme.name) \(role) \(colour)")
        }
    }

    /// No colour reaches 4.5 on black and on white but a sliver of greys; 3:1 is what WCAG asks of graphics and large text.
    @Test(arguments: Theme.builtIn.filter { $0.background == .either })
    func `for any background reach 3 to 1 on black and on white`(theme: Theme) {
        for role in Role.allCases {
            guard let colour = theme.look(of: role).indexed, colour > 15 else { continue }
            for background in [Self.black, Self.white] {
                #expect(Self.contrast(Palette.rgb(colour), background) >= 3, "\(theme.name) \(role) \(colour)")
            }
        }
    }

    @Test(arguments: Theme.builtIn)
    func `have twelve different source colours`(theme: Theme) {
        #expect(Set(Self.sources.map { theme.look(of: $0).indexed }).count == 12)
    }

    @Test(arguments: Theme.builtIn)
    func `keep every status apart in every colour mode`(theme: Theme) {
        for mode in ColourMode.allCases {
            let looks = Self.status.map { theme.appearance(of: Style($0), mode: mode) }
            #expect(Set(looks).count == looks.count, "\(theme.name) \(mode)")
        }
    }

    @Test(arguments: Theme.builtIn)
    func `show failure by more than a hue`(theme: Theme) {
        for mode in ColourMode.allCases {
            var ok = theme.appearance(of: .ok, mode: mode)
            var fail = theme.appearance(of: .fail, mode: mode)
            ok.foreground = nil
            fail.foreground = nil
            #expect(ok != fail, "\(theme.name) \(mode)")
        }
    }

    /// Viénot, Brettel and Mollon (1999): what red-green blind eyes see keeps only the blue-yellow difference and brightness.
    @Test func `the colour-blind theme keeps healthy and failed apart without red and green`() {
        func distance(_ theme: Theme) -> Double {
            let pair = [Role.ok, .fail].compactMap { theme.look(of: $0).indexed }.map(Palette.rgb).map { colour in
                let yellow = (Double(colour.red) * 0.3 + Double(colour.green) * 0.6) / 0.9
                return yellow - Double(colour.blue)
            }
            return pair.count == 2 ? abs(pair[0] - pair[1]) : 0
        }
        #expect(distance(.colourBlind) > 150)
        #expect(distance(.colourBlind) > 2 * distance(.light))
    }

    @Test(arguments: Theme.builtIn)
    func `paint no background and mark selections by reverse video`(theme: Theme) {
        for mode in ColourMode.allCases {
            #expect(theme.appearance(of: .selection, mode: mode).reverse)
            let match = theme.appearance(of: .match, mode: mode)
            #expect(match.reverse && match.underline)
            #expect(theme.appearance(of: .title, mode: mode).bold)
            #expect(theme.appearance(of: .plain, mode: mode) == Appearance())
        }
    }

    @Test func `without colours only attributes are left`() {
        for theme in Theme.builtIn {
            for role in Role.allCases {
                #expect(theme.appearance(of: Style(role).foreground(208), mode: .mono).foreground == nil)
                let basic = theme.appearance(of: Style(role), mode: .ansi16).foreground
                #expect(basic == nil || basic.map { $0 < 16 } == true)
            }
        }
        #expect(
            Theme.standard.appearance(of: Style.plain.bold().underline(), mode: .mono)
                == Appearance(bold: true, underline: true)
        )
        #expect(Theme.standard.appearance(of: Style.plain.foreground(196), mode: .ansi16).foreground == 9)
    }

    @Test func `a name always gets the same source colour`() {
        #expect(Role.source(named: "orders") == Role.source(named: "orders"))
        #expect(Role.source(-1) == .source11)
        let names = [
            "gateway", "auth", "orders", "payments", "inventory", "catalog", "search", "users", "shipping", "notify",
        ]
        #expect(Set(names.map(Role.source(named:))).count >= 5)
        #expect(names.allSatisfy { Role.source(named: $0).isSource })
    }
}

@Suite struct Glyphs {
    @Test(arguments: GlyphSet.allCases)
    func `are one column wide, and plain ASCII where asked`(glyphs: GlyphSet) {
        let marks = GlyphSet.Mark.allCases.map(glyphs.mark)
        #expect(Set(marks).count == marks.count)
        let chrome =
            marks + [
                glyphs.ellipsis, glyphs.separator, glyphs.bullet, glyphs.dot, glyphs.news, glyphs.check, glyphs.arrowUp,
                glyphs.arrowDown,
                glyphs.arrowLeft, glyphs.arrowRight, glyphs.tipRight, glyphs.tipLeft, glyphs.tipUp, glyphs.tipDown,
                glyphs.folded,
                glyphs.unfolded, glyphs.threshold, glyphs.dottedVertical, glyphs.chartMarker, glyphs.axis, glyphs.gap,
                glyphs.selector,
                glyphs.scrollThumb, glyphs.scrollTrack,
            ] + (glyphs.levels + glyphs.barSteps + glyphs.shades).map { String(Character($0)) }
        for glyph in chrome {
            #expect(TextWidth.of(glyph) == 1, "\(glyph)")
            if glyphs == .ascii { #expect(glyph.utf8.allSatisfy { $0 < 0x80 }, "\(glyph)") }
        }
        #expect(glyphs.levels.count == 8)
    }
}
