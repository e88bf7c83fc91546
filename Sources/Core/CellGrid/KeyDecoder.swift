/// Turns the bytes of a terminal into keys. A value: bytes and the time go in, keys come out.
///
/// Knows xterm, VT100 application keys, rxvt, the Linux console, kitty's `CSI u`, UTF-8 split over reads, bracketed paste
/// and SGR mouse reports. Unfinished input waits for `deadline`; call `expire(at:)` then, so that a lone Esc becomes a key.
/// Nothing that arrives traps, and nothing grows past its limit.
package struct KeyDecoder: Sendable {
    /// A paste is cut here; what is left out counts in `droppedBytes`.
    package static let pasteLimit = 1 << 20
    /// Escape sequences longer than this mean nothing to us; strings that terminals send in reply are skipped instead.
    static let sequenceLimit = 64

    /// How long a lone Esc waits for company.
    package var escapeTimeout: Duration
    /// Bytes of pastes beyond the limit.
    package private(set) var droppedBytes = 0

    enum Mode: Sendable { case keys, paste, string }

    /// Bytes that do not make a key yet; bounded by `sequenceLimit` outside a paste.
    private var pending: [UInt8] = []
    private var pasted: [UInt8] = []
    private var mode = Mode.keys
    /// How many bytes of a terminal's string reply were skipped.
    private var skipped = 0
    private var lastByteAt: Duration = .zero

    package init(escapeTimeout: Duration = .milliseconds(25)) {
        self.escapeTimeout = escapeTimeout
    }

    /// When unfinished input stops waiting; `nil` when nothing waits.
    package var deadline: Duration? {
        switch mode {
        case .keys where pending.isEmpty: nil
        // A lone Esc is a key; a sequence that has begun is more likely split over two reads.
        case .keys: lastByteAt + (pending.count == 1 ? escapeTimeout : escapeTimeout * 4)
        case .paste, .string: lastByteAt + .seconds(1)
        }
    }

    /// Takes bytes read at `now`, measured on any clock that only moves forward.
    package mutating func decode(_ bytes: some Sequence<UInt8>, at now: Duration) -> [Key] {
        var keys = expire(at: now)
        lastByteAt = now
        for byte in bytes { keys += take(byte) }
        return keys
    }

    /// Gives up waiting when the deadline has passed.
    package mutating func expire(at now: Duration) -> [Key] {
        guard let deadline, now >= deadline else { return [] }
        defer {
            pending.removeAll()
            mode = .keys
        }
        switch mode {
        case .paste: return [finishedPaste()]
        case .string: return []
        case .keys: return Self.keysOfUnfinished(pending)
        }
    }

    private mutating func take(_ byte: UInt8) -> [Key] {
        switch mode {
        case .paste: return takePasted(byte)
        case .string:
            takeString(byte)
            return []
        case .keys: break
        }
        pending.append(byte)
        var keys: [Key] = []
        while mode == .keys, !pending.isEmpty {
            let step = KeySequence.parse(pending)
            if case .needsMore = step, pending.count < Self.sequenceLimit { break }
            switch step {
            case .needsMore:
                keys.append(.unknown)
                pending.removeAll()
            case .key(let key, let length):
                keys.append(key)
                pending.removeFirst(min(length, pending.count))
            case .ignored(let length):
                pending.removeFirst(min(length, pending.count))
            case .pasteStart(let length):
                pending.removeFirst(min(length, pending.count))
                mode = .paste
            case .stringStart(let length):
                pending.removeFirst(min(length, pending.count))
                mode = .string
                skipped = 0
            }
        }
        return keys
    }

    // MARK: Paste

    private static let pasteEnd: [UInt8] = Array("\u{1B}[201~".utf8)

    private mutating func takePasted(_ byte: UInt8) -> [Key] {
        pasted.append(byte)
        if byte == UInt8(ascii: "~"), pasted.count >= Self.pasteEnd.count,
            pasted.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd)
        {
            pasted.removeLast(Self.pasteEnd.count)
            mode = .keys
            return [finishedPaste()]
        }
        // Room for the end mark stays, so that it is still recognised after the text was cut.
        if pasted.count > Self.pasteLimit + Self.pasteEnd.count {
            pasted.remove(at: Self.pasteLimit)
            droppedBytes += 1
        }
        return []
    }

    private mutating func finishedPaste() -> Key {
        droppedBytes += max(0, pasted.count - Self.pasteLimit)
        defer { pasted = [] }
        return .paste(String(decoding: pasted.prefix(Self.pasteLimit), as: UTF8.self))
    }

    // MARK: Replies

    /// A terminal's answer (OSC, DCS, APC, PM, SOS) ends with BEL or ST; nobody here asked, so it is skipped.
    private mutating func takeString(_ byte: UInt8) {
        skipped += 1
        let afterEscape = pending.last == 0x1B
        pending = byte == 0x1B ? [byte] : []
        let cancelled = byte == 0x18 || byte == 0x1A
        if byte == 0x07 || cancelled || (afterEscape && byte == UInt8(ascii: "\\")) || skipped > 4096 {
            pending = []
            mode = .keys
        }
    }

    /// Esc and what was typed after it, when no sequence came of it.
    private static func keysOfUnfinished(_ bytes: [UInt8]) -> [Key] {
        switch bytes.count {
        case 1: return bytes == [0x1B] ? [.escape] : [.unknown]
        case 2 where bytes[0] == 0x1B:
            if bytes[1] == 0x1B { return [.escape, .escape] }
            return [.alt(Character(Unicode.Scalar(bytes[1])))]
        default: return [.unknown]
        }
    }
}
