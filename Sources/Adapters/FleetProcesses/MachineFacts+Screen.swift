internal import Glibc

// The terminal, as far as the environment and the descriptors tell.
extension MachineFacts {
    var screen: [MachineFact] { [terminal, colours, locale] }

    private var terminal: MachineFact {
        let name = environment["TERM"] ?? ""
        guard !name.isEmpty, name != "dumb" else {
            let advice = "the console needs a terminal that can be drawn on; commands work without one"
            return MachineFact("terminal", name.isEmpty ? "TERM is not set" : "TERM=dumb", .warn, advice: advice)
        }
        guard let size = Self.terminalSize else {
            return MachineFact(
                "terminal",
                "\(name), standard output is not a terminal",
                .warn,
                advice: "run fleet doctor without a pipe to learn the size"
            )
        }
        let value = "\(name), \(size.columns)x\(size.rows)"
        guard size.columns >= 80, size.rows >= 24 else {
            return MachineFact("terminal", value, .warn, advice: "the console is made for 80x24 and more")
        }
        return MachineFact("terminal", value)
    }

    private static var terminalSize: (columns: Int, rows: Int)? {
        for descriptor in [STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO] where isatty(descriptor) == 1 {
            var size = winsize()
            if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 {
                return (Int(size.ws_col), Int(size.ws_row))
            }
        }
        return nil
    }

    private var colours: MachineFact {
        if let value = environment["NO_COLOR"], !value.isEmpty {
            return MachineFact(
                "colours",
                "switched off by NO_COLOR",
                .warn,
                advice: "states are told apart by text alone"
            )
        }
        let depth = environment["COLORTERM"] ?? ""
        if ["truecolor", "24bit"].contains(depth) { return MachineFact("colours", "24 bit (COLORTERM=\(depth))") }
        let name = environment["TERM"] ?? ""
        if name.contains("256color") || name.contains("direct") { return MachineFact("colours", "256") }
        if ["", "dumb", "vt100", "vt220"].contains(name) {
            return MachineFact("colours", "none", .warn, advice: "set TERM to what the terminal is: xterm-256color")
        }
        return MachineFact("colours", "as terminfo says of \(name)")
    }

    /// POSIX: the first of these that is set and not empty.
    private var locale: MachineFact {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        let found = names.lazy.compactMap { name in
            environment[name].flatMap { $0.isEmpty ? nil : (name, $0) }
        }.first
        guard let (name, value) = found else {
            let advice = "set LANG to a UTF-8 locale such as C.UTF-8, or lines and symbols are drawn in ASCII"
            return MachineFact("locale", "none is set", .warn, advice: advice)
        }
        let folded = value.lowercased()
        guard folded.contains("utf-8") || folded.contains("utf8") else {
            let advice = "set \(name) to a UTF-8 locale such as C.UTF-8"
            return MachineFact("locale", "\(name)=\(value)", .warn, advice: advice)
        }
        return MachineFact("locale", "\(name)=\(value)")
    }
}
