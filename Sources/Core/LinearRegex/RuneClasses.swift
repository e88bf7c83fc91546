/// The named character classes of RE2.
enum RuneClasses {
    static let digit = RuneSet([0x30...0x39])
    static let space = RuneSet([0x09...0x0A, 0x0C...0x0D, 0x20...0x20])
    static let word = RuneSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])

    /// `[:name:]`; ASCII only, as in RE2.
    static func posix(_ name: String) -> RuneSet? {
        switch name {
        case "alnum": RuneSet([0x30...0x39, 0x41...0x5A, 0x61...0x7A])
        case "alpha": RuneSet([0x41...0x5A, 0x61...0x7A])
        case "ascii": RuneSet([0x00...0x7F])
        case "blank": RuneSet([0x09...0x09, 0x20...0x20])
        case "cntrl": RuneSet([0x00...0x1F, 0x7F...0x7F])
        case "digit": digit
        case "graph": RuneSet([0x21...0x7E])
        case "lower": RuneSet([0x61...0x7A])
        case "print": RuneSet([0x20...0x7E])
        case "punct": RuneSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E])
        case "space": RuneSet([0x09...0x0D, 0x20...0x20])
        case "upper": RuneSet([0x41...0x5A])
        case "word": word
        case "xdigit": RuneSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
        default: nil
        }
    }

    /// `\p{name}`: general categories (`L`, `Lu`, …), `Any`, and the scripts that turn up in practice.
    static func unicode(_ name: String) -> RuneSet? {
        if name == "Any" { return .all }
        if let script = scripts[name] { return RuneSet(script) }
        let matching = categories.filter { $0.key == name || (name.count == 1 && $0.key.hasPrefix(name)) }
        guard !matching.isEmpty else { return nil }
        return RuneSet(matching.flatMap(\.value))
    }

    /// Main blocks of a script; enough for label values, not the full Unicode script property.
    private static let scripts: [String: [RuneSet.Range]] = [
        "Latin": [
            0x41...0x5A, 0x61...0x7A, 0xAA...0xAA, 0xBA...0xBA, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2B8, 0x2E0...0x2E4,
            0x1E00...0x1EFF, 0x212A...0x212B, 0x2C60...0x2C7F, 0xA722...0xA787, 0xFF21...0xFF3A, 0xFF41...0xFF5A,
        ],
        "Greek": [
            0x370...0x373, 0x375...0x377, 0x37A...0x37D, 0x37F...0x37F, 0x384...0x384, 0x386...0x386, 0x388...0x3E1,
            0x3F0...0x3FF, 0x1F00...0x1FFE, 0x2126...0x2126,
        ],
        "Cyrillic": [0x400...0x484, 0x487...0x52F, 0x1C80...0x1C88, 0x2DE0...0x2DFF, 0xA640...0xA69F],
        "Han": [
            0x2E80...0x2FD5, 0x3005...0x3005, 0x3007...0x3007, 0x3021...0x3029, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xF900...0xFAD9, 0x20000...0x323AF,
        ],
        "Hiragana": [0x3041...0x3096, 0x309D...0x309F],
        "Katakana": [0x30A1...0x30FA, 0x30FD...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF6F, 0xFF71...0xFF9D],
        "Arabic": [
            0x600...0x604, 0x606...0x60B, 0x60D...0x61A, 0x61C...0x61E, 0x620...0x63F, 0x641...0x64A, 0x656...0x66F,
        ],
        "Hebrew": [0x591...0x5C7, 0x5D0...0x5EA, 0x5EF...0x5F4],
    ]

    /// Code points by two-letter general category; built from the standard library on first use.
    private static let categories: [String: [RuneSet.Range]] = {
        var result: [String: [RuneSet.Range]] = [:]
        var current = ""
        var start: UInt32 = 0
        for rune in 0...RuneSet.maximum {
            let name = Unicode.Scalar(rune).map { abbreviation($0.properties.generalCategory) } ?? "Cs"
            guard name != current else { continue }
            if rune > 0 { result[current, default: []].append(start...rune - 1) }
            current = name
            start = rune
        }
        result[current, default: []].append(start...RuneSet.maximum)
        return result
    }()

    private static func abbreviation(_ category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
