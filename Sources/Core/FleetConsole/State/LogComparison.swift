import FleetModel

/// Kinds of lines of the present life of a service against those of the lives before.
struct LogComparison {
    struct Kind: Hashable {
        let severity: LogSeverity
        /// With `#` in place of everything that differs from line to line.
        let text: String
        let before: Int
        let after: Int
    }

    /// Only after the restart, only before it, and at least three times as frequent as before.
    let new: [Kind]
    let gone: [Kind]
    let louder: [Kind]
    /// Lines that were compared.
    let before: Int
    let after: Int

    init(_ records: [LogRecord], present: Incarnation) {
        var counts: [String: (severity: LogSeverity, before: Int, after: Int)] = [:]
        var before = 0
        var after = 0
        for record in records where record.stream != .fleet {
            let isAfter = record.incarnation >= present
            if isAfter { after += 1 } else { before += 1 }
            let text = Self.template(of: record.message)
            var entry = counts[text] ?? (record.severity, 0, 0)
            entry.severity = max(entry.severity, record.severity)
            if isAfter { entry.after += 1 } else { entry.before += 1 }
            counts[text] = entry
        }
        let kinds = counts.map { Kind(severity: $1.severity, text: $0, before: $1.before, after: $1.after) }.sorted {
            ($1.severity, $1.before + $1.after, $0.text) < ($0.severity, $0.before + $0.after, $1.text)
        }
        new = kinds.filter { $0.before == 0 }
        gone = kinds.filter { $0.after == 0 }
        let (all, ofAll) = (Double(max(1, before)), Double(max(1, after)))
        louder = kinds.filter { kind in
            kind.before > 0 && kind.after >= 3 && Double(kind.after) / ofAll >= 3 * Double(kind.before) / all
        }
        self.before = before
        self.after = after
    }

    /// Numbers and identifiers are what differs between two lines of one kind: `id=ord-3f9a21 in 12.5ms` is
    /// `id=ord-# in #ms`.
    static func template(of message: String) -> String {
        var text = ""
        var token = ""
        func finish() {
            text += isIdentifier(token) ? "#" : withoutDigits(token)
            token = ""
        }
        for letter in message.prefix(400) {
            if letter.isLetter || letter.isNumber {
                token.append(letter)
            } else {
                finish()
                text.append(letter)
            }
        }
        finish()
        // One number in two pieces: 12.5, 1,204 and the parts of a UUID.
        for mark in [".", ",", "-"] {
            while let place = text.firstRange(of: "#\(mark)#") { text.replaceSubrange(place, with: "#") }
        }
        return text
    }

    private static func isIdentifier(_ token: String) -> Bool {
        token.count >= 6 && token.allSatisfy(\.isHexDigit) && token.contains(where: \.isNumber)
    }

    private static func withoutDigits(_ token: String) -> String {
        var text = ""
        for letter in token {
            if !letter.isNumber { text.append(letter) } else if text.last != "#" { text.append("#") }
        }
        return text
    }
}
