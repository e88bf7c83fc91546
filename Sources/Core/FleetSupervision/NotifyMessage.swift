/// One datagram of sd_notify(3), as far as it matters to us. Unknown assignments are ignored, as systemd does.
package struct NotifyMessage: Sendable, Equatable {
    package var isReady = false
    package var isStopping = false
    package var isReloading = false
    /// `STATUS=`, one line.
    package var status: String?
    /// `WATCHDOG=1`.
    package var isAlive = false
    /// `WATCHDOG=trigger`: the service itself asks to be treated as hung.
    package var isTriggered = false
    /// `EXTEND_TIMEOUT_USEC=`.
    package var timeoutExtension: Duration?

    package init() {}
}

extension NotifyMessage {
    /// What is read of one datagram. Bytes.
    private static let lengthLimit = 4096
    /// What is kept of a status. Characters.
    static let statusLimit = 256
    /// A service that wants longer asks again.
    private static let longestExtension: Int64 = 86_400_000_000

    /// Lines `KEY=VALUE`; the last of one key wins, what is not understood is ignored. Never fails: the text comes from the
    /// service.
    package init(parsing text: String) {
        self.init()
        for line in text.utf8.prefix(Self.lengthLimit).split(separator: UInt8(ascii: "\n")) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = line[line.index(after: equals)...]
            assign(String(decoding: line[..<equals], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
    }

    private mutating func assign(_ key: String, _ value: String) {
        switch key {
        case "READY": isReady = value == "1"
        case "STOPPING": isStopping = value == "1"
        case "RELOADING": isReloading = value == "1"
        case "STATUS": status = Self.line(value)
        case "WATCHDOG":
            isAlive = value == "1"
            isTriggered = value == "trigger"
        case "EXTEND_TIMEOUT_USEC":
            timeoutExtension = UInt64(value).map {
                .microseconds(Int64(clamping: min($0, UInt64(Self.longestExtension))))
            }
        default: break
        }
    }

    /// Whatever could move a cursor or turn the writing direction becomes a blank.
    private static func line(_ text: String) -> String {
        let characters = text.prefix(statusLimit).map { character -> Character in
            let isHarmful = character.unicodeScalars.contains { scalar in
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
                case .format: scalar != "\u{200D}"
                default: false
                }
            }
            return isHarmful ? " " : character
        }
        return String(characters)
    }

    /// The news of both, `later` winning: for messages that came before the life they belong to was known.
    mutating func merge(_ later: Self) {
        if later.isReady { isReloading = false }
        isReady = isReady || later.isReady
        isStopping = isStopping || later.isStopping
        isReloading = isReloading || later.isReloading
        status = later.status ?? status
        isAlive = isAlive || later.isAlive
        isTriggered = isTriggered || later.isTriggered
        timeoutExtension = later.timeoutExtension ?? timeoutExtension
    }
}
