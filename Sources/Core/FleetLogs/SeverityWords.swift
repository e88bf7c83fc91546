package import FleetModel

/// The words and numbers by which the world's loggers name a severity.
package enum SeverityWords {
    /// How much a word proves: `plain` words occur in ordinary sentences too, and count only where a level is expected.
    enum Strength: Equatable { case strong, plain }

    struct Match: Equatable {
        var severity: LogSeverity
        var strength: Strength
    }

    /// `warn`, `WARNING`, `E`, `notice`, `50` …; `nil` for anything else.
    package static func severity(named text: String) -> LogSeverity? {
        var copy = text
        return copy.withUTF8 { severity(ofValue: Bytes($0)) }
    }

    /// The value of a field that is known to be a level: a word, a letter, or a number of some scale.
    static func severity(ofValue value: Bytes) -> LogSeverity? {
        guard let first = value.first else { return nil }
        if first.isDigit { return number(value).flatMap(levelNumber) }
        if value.count == 1 { return letter(first) }
        var end = 0
        while end < value.count, value[end].isLetter { end += 1 }
        return match(value.slice(0, end))?.severity
    }

    /// `T D V I N W E F C` alone, as klog, logcat and many short formats print it.
    static func letter(_ byte: UInt8) -> LogSeverity? {
        switch byte.lowered {
        case UInt8(ascii: "t"), UInt8(ascii: "v"): .trace
        case UInt8(ascii: "d"): .debug
        case UInt8(ascii: "i"), UInt8(ascii: "n"): .info
        case UInt8(ascii: "w"): .warning
        case UInt8(ascii: "e"): .error
        case UInt8(ascii: "f"), UInt8(ascii: "c"), UInt8(ascii: "p"): .fatal
        default: nil
        }
    }

    /// A number in a field called "level": pino and bunyan count in tens, GELF uses syslog's 0…7.
    static func levelNumber(_ value: Int) -> LogSeverity? {
        switch value {
        case 0...7: syslog(value)
        case 10..<20: .trace
        case 20..<30: .debug
        case 30..<40: .info
        case 40..<50: .warning
        case 50..<60: .error
        case 60...: .fatal
        default: nil
        }
    }

    /// RFC 5424, 6.2.1, mapped as OpenTelemetry's log data model (appendix B) does.
    static func syslog(_ value: Int) -> LogSeverity? {
        switch value {
        case 0: .fatal
        case 1, 2, 3: .error
        case 4: .warning
        case 5, 6: .info
        case 7: .debug
        default: nil
        }
    }

    /// OpenTelemetry's 1…24.
    static func openTelemetry(_ value: Int) -> LogSeverity? {
        switch value {
        case 1...4: .trace
        case 5...8: .debug
        case 9...12: .info
        case 13...16: .warning
        case 17...20: .error
        case 21...24: .fatal
        default: nil
        }
    }

    static func number(_ digits: Bytes) -> Int? {
        guard (1...9).contains(digits.count) else { return nil }
        var value = 0
        for byte in digits {
            guard byte.isDigit else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }

    /// Letters only, in any case.
    static func match(_ word: Bytes) -> Match? {
        guard (2...13).contains(word.count) else { return nil }
        switch word[0].lowered {
        case UInt8(ascii: "t"): return among(word, Self.t)
        case UInt8(ascii: "v"): return among(word, Self.v)
        case UInt8(ascii: "d"): return among(word, Self.d)
        case UInt8(ascii: "i"): return among(word, Self.i)
        case UInt8(ascii: "n"): return among(word, Self.n)
        case UInt8(ascii: "w"): return among(word, Self.w)
        case UInt8(ascii: "e"): return among(word, Self.e)
        case UInt8(ascii: "f"): return among(word, Self.f)
        case UInt8(ascii: "c"): return among(word, Self.c)
        case UInt8(ascii: "s"): return among(word, Self.s)
        case UInt8(ascii: "a"): return among(word, Self.a)
        case UInt8(ascii: "p"): return among(word, Self.p)
        case UInt8(ascii: "l"): return among(word, Self.l)
        default: return nil
        }
    }

    private typealias Word = (StaticString, LogSeverity, Strength)

    private static let t: [Word] = [("trace", .trace, .strong), ("trc", .trace, .strong), ("trce", .trace, .strong)]
    private static let v: [Word] = [("verbose", .trace, .strong), ("vrb", .trace, .strong)]
    private static let d: [Word] = [
        ("debug", .debug, .strong), ("dbg", .debug, .strong), ("deprecated", .warning, .plain),
        ("deprecation", .warning, .plain), ("dpanic", .error, .strong), ("dbug", .debug, .strong),
    ]
    private static let i: [Word] = [
        ("info", .info, .strong), ("inf", .info, .strong), ("information", .info, .plain),
        ("informational", .info, .plain),
    ]
    private static let n: [Word] = [("notice", .info, .strong), ("note", .info, .plain)]
    private static let w: [Word] = [
        ("warn", .warning, .strong), ("warning", .warning, .strong), ("wrn", .warning, .strong),
    ]
    private static let e: [Word] = [
        ("error", .error, .strong), ("err", .error, .strong), ("emergency", .fatal, .strong),
        ("emerg", .fatal, .strong), ("eror", .error, .strong), ("errors", .error, .plain),
    ]
    private static let f: [Word] = [
        ("fatal", .fatal, .strong), ("ftl", .fatal, .strong), ("fail", .error, .plain), ("failed", .error, .plain),
        ("failure", .error, .plain), ("fine", .debug, .plain), ("finer", .trace, .plain), ("finest", .trace, .plain),
    ]
    private static let c: [Word] = [
        ("critical", .fatal, .strong), ("crit", .fatal, .strong), ("config", .debug, .plain),
    ]
    private static let s: [Word] = [
        ("severe", .error, .plain), ("stats", .info, .plain), ("system", .info, .plain), ("success", .info, .plain),
    ]
    private static let a: [Word] = [("alert", .fatal, .plain)]
    private static let p: [Word] = [("panic", .fatal, .strong)]
    private static let l: [Word] = [("log", .info, .plain)]

    private static func among(_ word: Bytes, _ candidates: [Word]) -> Match? {
        for (text, severity, strength) in candidates where folds(word, to: text) {
            return Match(severity: severity, strength: strength)
        }
        return nil
    }

    private static func folds(_ word: Bytes, to text: StaticString) -> Bool {
        guard word.count == text.utf8CodeUnitCount else { return false }
        for index in 1..<word.count where word[index].lowered != text.utf8Start[index] { return false }
        return true
    }
}
