import FleetModel

/// The severity of a line that is neither JSON nor logfmt.
enum TextSeverity {
    /// How far into the line a level is looked for.
    private static let reach = 200

    /// An indented line is part of the one before, and only an unmistakable level makes it its own.
    /// `opening` is what `LineTime.opening` found, when that was asked already.
    static func severity(_ line: Bytes, isIndented: Bool, opening: LineTime? = nil) -> LogSeverity {
        if let found = klog(line) ?? priority(line) ?? accessLog(line) { return found }
        if let fatal = lastWords(line) { return fatal }
        var time = isIndented ? nil : opening ?? LineTime.leading(line)
        if let found = time, SyslogHeader.follows(found, in: line) { time?.style = .syslog }
        if let time, let found = besides(time, line) { return found }
        if let found = levelWord(line, after: time, isIndented: isIndented) { return found }
        switch time?.style {
        case .syslog: return syslogBody(line)
        case .ctime, .slashed, .redis: return .info
        case .clock, .iso, nil: return exceptionName(line)
        }
    }

    // MARK: - Fixed forms

    /// `E0102 15:04:05.678901` (klog) and `I20200308 23:47:32` (glog).
    private static func klog(_ line: Bytes) -> LogSeverity? {
        let first = line.byte(0)
        guard first.isUpper, line.byte(1).isDigit else {
            // CUPS prints the letter alone: `E [08/Jun/2013:11:28:58 -0700] …`
            guard first.isUpper, line.starts(with: " [", at: 1), line.byte(3).isDigit else { return nil }
            return SeverityWords.letter(first)
        }
        var digits = 1
        while digits < 10, line.byte(digits).isDigit { digits += 1 }
        guard digits == 5 || digits == 9, line.byte(digits) == 0x20, LineTime.clock(line, at: digits + 1) != nil else {
            return nil
        }
        return SeverityWords.letter(first)
    }

    /// `<165>` in front (RFC 5424, 6.2.1; systemd's `<3>`).
    private static func priority(_ line: Bytes) -> LogSeverity? {
        guard line.byte(0) == UInt8(ascii: "<"), line.byte(1).isDigit else { return nil }
        var end = 1
        while end < 4, line.byte(end).isDigit { end += 1 }
        guard line.byte(end) == UInt8(ascii: ">"), let value = SeverityWords.number(line.slice(1, end)), value < 192
        else { return nil }
        return SeverityWords.syslog(value % 8)
    }

    // MARK: - A level that stands next to the time

    /// Single letters and symbols, which mean something only in this place.
    private static func besides(_ time: LineTime, _ line: Bytes) -> LogSeverity? {
        var index = time.range.upperBound
        if time.style == .redis {
            switch line.byte(index + 1) {
            case UInt8(ascii: "."): return .debug
            case UInt8(ascii: "-"): return .trace
            case UInt8(ascii: "*"): return .info
            case UInt8(ascii: "#"): return .warning
            default: return nil
            }
        }
        let end = min(line.count, index + 48)
        var allowedWords = 1
        while index < end {
            let byte = line[index]
            if byte.isUpper, isEdge(line.byte(index - 1)), isEdge(line.byte(index + 1)), byte != UInt8(ascii: "A"),
                let found = SeverityWords.letter(byte)
            {
                return found
            }
            if byte.isUpper, line.byte(index + 2) == UInt8(ascii: "("), let found = vmware(line, at: index) {
                return found
            }
            // A word ends the header of letters and numbers in which a lone level letter can stand; logcat has a user's name.
            if byte.isLetter, line.byte(index + 1).isLetter, line.byte(index + 2).isLetter {
                guard time.style == .clock, allowedWords > 0, !byte.isUpper else { return nil }
                allowedWords -= 1
                while line.byte(index).isLetter { index += 1 }
                continue
            }
            index += 1
        }
        return nil
    }

    private static func isEdge(_ byte: UInt8) -> Bool {
        byte.isBlank || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "/")
            || byte == UInt8(ascii: "|") || byte == UInt8(ascii: ":")
    }

    /// ESXi's `Db(167)`, `Er(163)`.
    private static func vmware(_ line: Bytes, at index: Int) -> LogSeverity? {
        let word = line.slice(index, index + 2)
        if word.equals("Db") { return .debug }
        if word.equals("In") || word.equals("No") { return .info }
        if word.equals("Wa") { return .warning }
        if word.equals("Er") || word.equals("Cr") { return .error }
        return word.equals("Al") || word.equals("Em") ? .fatal : nil
    }

    // MARK: - Words

    private static func levelWord(_ line: Bytes, after time: LineTime?, isIndented: Bool) -> LogSeverity? {
        let end = min(line.count, (time?.range.upperBound ?? 0) + (isIndented ? 32 : reach))
        let isSyslog = time?.style == .syslog || time?.style == .ctime
        var index = 0
        var position = 0
        while index < end {
            guard line[index].isLetter else {
                index += 1
                continue
            }
            let start = index
            while index < line.count, line[index].isLetter { index += 1 }
            if let time, start >= time.range.lowerBound, start < time.range.upperBound { continue }
            // Numbers and ids are no words: `F5A5AB90 info` has the level first.
            let isWord = !line.byte(start - 1).isDigit && !line.byte(index).isDigit
            let isBehind = start >= (time?.range.upperBound ?? 0)
            if isWord, isBehind { position += 1 }
            guard index - start <= 13, !isInsideName(line, start, index),
                let match = SeverityWords.match(line.slice(start, index))
            else { continue }
            let ordinal = isWord || !isBehind ? position : position + 1
            let place = Place(line: line, start: start, end: index, position: ordinal, follows: time)
            if place.expectsLevel(match, isSyslog: isSyslog, isIndented: isIndented) { return match.severity }
        }
        return nil
    }

    private static func isInsideName(_ line: Bytes, _ start: Int, _ end: Int) -> Bool {
        let before = line.byte(start - 1)
        let after = line.byte(end)
        if before == UInt8(ascii: "_") || before.isDigit || after == UInt8(ascii: "_") { return true }
        guard after.isDigit else { return false }
        var digits = end
        while line.byte(digits).isDigit { digits += 1 }
        // `DEBUG5` and `WARN574240[Thread-35]` are levels, `info2023abc` is not.
        if line.byte(digits) == UInt8(ascii: "["), line[start].isUpper { return false }
        return digits > end + 1 || line.byte(digits).isAlphanumeric
    }

    /// Rules for the body of BSD syslog, which names no severity; the words are lnav's, but in any case.
    private static func syslogBody(_ line: Bytes) -> LogSeverity {
        if contains(line, ["failed", "failure"], wholeWord: false)
            || contains(line, ["error", "errors"], wholeWord: true)
        {
            return .error
        }
        return contains(line, ["warn", "not responding", "init: cannot execute"], wholeWord: false) ? .warning : .info
    }

    private static func contains(_ line: Bytes, _ words: [StaticString], wholeWord: Bool) -> Bool {
        for word in words {
            var from = 0
            while let hit = line.index(ofLetter: word.utf8Start[0], from: from) {
                from = hit + 1
                guard folds(line, at: hit, to: word) else { continue }
                if !wholeWord { return true }
                if !line.byte(hit - 1).isLetter, !line.byte(hit + word.utf8CodeUnitCount).isLetter { return true }
            }
        }
        return false
    }

    static func folds(_ line: Bytes, at start: Int, to text: StaticString) -> Bool {
        guard start + text.utf8CodeUnitCount <= line.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where line[start + offset].lowered != text.utf8Start[offset] {
            return false
        }
        return true
    }

    // MARK: - What programs die with

    private static func lastWords(_ line: Bytes) -> LogSeverity? {
        switch line.byte(0) {
        case UInt8(ascii: "p"): return line.starts(with: "panic: ") ? .fatal : nil
        case UInt8(ascii: "f"): return line.starts(with: "fatal error: ") ? .fatal : nil
        case UInt8(ascii: "F"): return line.starts(with: "Fatal error: ") ? .fatal : nil
        case UInt8(ascii: "t"): return line.starts(with: "thread '") && hasPanicked(line) ? .fatal : nil
        case UInt8(ascii: "T"): return line.starts(with: "Traceback (most recent call last)") ? .error : nil
        case UInt8(ascii: "E"): return line.starts(with: "Exception in thread ") ? .error : nil
        case UInt8(ascii: "U"), UInt8(ascii: "u"):
            return folds(line, at: 0, to: "unhandled ") || folds(line, at: 0, to: "uncaught ") ? .error : nil
        default:
            return nil
        }
    }

    private static func hasPanicked(_ line: Bytes) -> Bool { contains(line, ["panicked at"], wholeWord: false) }

    /// `ValueError: bad input`, `java.lang.IllegalStateException: …`, `… DeprecationWarning: …`
    private static func exceptionName(_ line: Bytes) -> LogSeverity {
        var end = 0
        while end < min(line.count, 120), line[end].isAlphanumeric || line[end] == UInt8(ascii: ".") { end += 1 }
        guard line.byte(end) == UInt8(ascii: ":") else {
            return contains(line.slice(0, reach), ["warning: "], wholeWord: false) ? .warning : .unspecified
        }
        let name = line.slice(0, end)
        return name.starts(with: "Error", at: name.count - 5) || name.starts(with: "Exception", at: name.count - 9)
            ? .error : .unspecified
    }
}

extension TextSeverity {
    /// A level word together with where it stands.
    fileprivate struct Place {
        var line: Bytes
        var start: Int
        var end: Int
        /// Counted in words, from the time or else the beginning of the line; 0 = in front of the time.
        var position: Int
        var follows: LineTime?

        func expectsLevel(_ match: SeverityWords.Match, isSyslog: Bool, isIndented: Bool) -> Bool {
            let isUpper = line[start].isUpper && line[start + 1].isUpper
            let before = line.byte(start - 1)
            let after = line.byte(end)
            let opens = start == 0 || before.isBlank || isOpening(before)
            let closes = end == line.count || isClosing(after)
            if isOpening(before), isBracketClose(after) { return true }
            if isIndented { return isUpper && match.strength == .strong && opens && closes }
            if isUpper, match.strength == .strong { return !isSyslog || closes || after.isBlank }
            // `error: …` in the middle of a sentence is still how a program reports one; `note:` is not.
            if opens, after == UInt8(ascii: ":"), match.strength == .strong || start == 0 {
                return !isSyslog || isUpper
            }
            if isFatalError(match) { return true }
            guard let follows, !isSyslog, follows.style != .ctime, position <= 3 else { return false }
            if isUpper { return true }
            return position == 1 && match.strength == .strong && (after.isBlank || closes)
        }

        /// `… Fatal error: Index out of range` of the Swift runtime.
        private func isFatalError(_ match: SeverityWords.Match) -> Bool {
            match.severity == .fatal && line.starts(with: " error:", at: end)
        }

        private func isOpening(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "[") || byte == UInt8(ascii: "(") || byte == UInt8(ascii: "<")
                || byte == UInt8(ascii: "|")
                || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "\"")
        }

        private func isBracketClose(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "]") || byte == UInt8(ascii: ")") || byte == UInt8(ascii: ">")
                || byte == UInt8(ascii: "|")
        }

        private func isClosing(_ byte: UInt8) -> Bool {
            isBracketClose(byte) || byte == UInt8(ascii: ":") || byte.isBlank
        }
    }
}
