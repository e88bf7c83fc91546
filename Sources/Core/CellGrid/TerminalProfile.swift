/// How to use a terminal, decided from the environment alone: no query is sent and awaited.
package struct TerminalProfile: Hashable, Sendable {
    package enum Output: Hashable, Sendable {
        /// Full screen.
        case screen
        /// Plain lines, because of `reason`: one sentence to show the user when the screen was asked for.
        case stream(reason: String)
    }

    package var output: Output
    package var colours: ColourMode
    package var glyphs: GlyphSet
    /// Whether text may hold more than ASCII.
    package var isUTF8: Bool
    /// terminfo names to try in order; the first one that is installed wins.
    package var terminalNames: [String]
    /// Whether the terminal parses what xterm added: mouse reports, bracketed paste, titles, OSC strings. The Linux console
    /// and real video terminals do not.
    package var understandsXterm: Bool
    /// Inside tmux the clipboard goes through tmux first.
    package var isInsideTmux: Bool
    /// Over a remote connection bytes of one key arrive further apart.
    package var escapeTimeout: Duration

    /// What the user said on the command line or in the configuration file; it beats the environment.
    package struct Preferences: Hashable, Sendable {
        package var colours: ColourMode?
        package var glyphs: GlyphSet?
        package var stream: Bool

        package init(colours: ColourMode? = nil, glyphs: GlyphSet? = nil, stream: Bool = false) {
            self.colours = colours
            self.glyphs = glyphs
            self.stream = stream
        }
    }

    /// `isTTY` says whether both standard input and standard output are terminals.
    package static func decide(
        environment: [String: String],
        isTTY: Bool,
        preferences: Preferences = Preferences()
    ) -> TerminalProfile {
        let term = environment["TERM"] ?? ""
        let utf8 = isUTF8(environment)
        return TerminalProfile(
            output: output(term, environment, isTTY, preferences),
            colours: preferences.colours ?? colours(term, environment),
            glyphs: preferences.glyphs ?? glyphs(term, isUTF8: utf8),
            isUTF8: utf8 || preferences.glyphs?.isUnicode == true,
            terminalNames: candidates(term),
            understandsXterm: term != "linux" && !isVideoTerminal(term),
            isInsideTmux: !(environment["TMUX"] ?? "").isEmpty,
            escapeTimeout: escapeTimeout(environment)
        )
    }

    private static func output(
        _ term: String,
        _ environment: [String: String],
        _ isTTY: Bool,
        _ preferences: Preferences
    ) -> Output {
        if preferences.stream { return .stream(reason: "Plain output was asked for.") }
        if !isTTY { return .stream(reason: "Input or output is not a terminal.") }
        if term.isEmpty { return .stream(reason: "TERM is not set, so the screen cannot be used.") }
        if term == "dumb" || term == "unknown" {
            return .stream(reason: "TERM=\(term) cannot move the cursor, so the screen cannot be used.")
        }
        if let runner = environment["CI"], !runner.isEmpty, runner != "false", runner != "0" {
            return .stream(reason: "CI is set, so output is plain.")
        }
        return .screen
    }

    private static func colours(_ term: String, _ environment: [String: String]) -> ColourMode {
        if !(environment["NO_COLOR"] ?? "").isEmpty { return .mono }
        if term.isEmpty || term == "dumb" || isVideoTerminal(term) || term.hasSuffix("-m") || term.hasSuffix("-mono") {
            return .mono
        }
        let names = [
            "xterm", "screen", "tmux", "rxvt", "alacritty", "foot", "kitty", "wezterm", "konsole", "gnome", "st-",
            "iterm",
        ]
        if term.contains("256") || term.contains("direct") || term.contains("kitty") { return .ansi256 }
        if ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "") { return .ansi256 }
        // Plain `xterm` and `rxvt` entries know eight colours; the other names are terminals that know 256.
        if ["linux", "xterm", "xterm-color", "xterm-16color", "rxvt", "screen", "tmux", "ansi", "cygwin"].contains(term)
        {
            return ["screen", "tmux"].contains(term) ? .ansi256 : .ansi16
        }
        return names.contains { term.hasPrefix($0) } ? .ansi256 : .ansi16
    }

    private static func glyphs(_ term: String, isUTF8: Bool) -> GlyphSet {
        guard isUTF8, !isVideoTerminal(term) else { return .ascii }
        return term == "linux" ? .unicodeBlock : .unicodeBraille
    }

    private static func isVideoTerminal(_ term: String) -> Bool {
        let digits = term.dropFirst(2)
        return term.hasPrefix("vt") && (digits.first?.isNumber ?? false)
    }

    /// The rule of `setlocale`: LC_ALL, then LC_CTYPE, then LANG; the first that is set and not empty counts.
    private static func isUTF8(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C"
        let lowered = locale.lowercased()
        return lowered.contains("utf-8") || lowered.contains("utf8")
    }

    private static func candidates(_ term: String) -> [String] {
        var names: [String] = []
        for name in [term, "xterm-256color", "xterm", "vt100"] where !name.isEmpty && !names.contains(name) {
            names.append(name)
        }
        return names
    }

    /// `ESCDELAY` (milliseconds) is what other full-screen programs obey.
    private static func escapeTimeout(_ environment: [String: String]) -> Duration {
        if let text = environment["ESCDELAY"], let delay = Int(text), (1...5000).contains(delay) {
            return .milliseconds(delay)
        }
        return environment["SSH_CONNECTION"] == nil ? .milliseconds(25) : .milliseconds(50)
    }
}
