/// What transports put in front of another program's line: a time (`docker logs -t`, `kubectl logs --timestamps`), the
/// kubelet's time with stream and tag, or a syslog header. Recognised only when a structured line follows, or when the
/// envelope itself leaves no doubt.
struct LineEnvelope {
    enum Kind: Equatable {
        case time, container, syslog
    }

    let kind: Kind
    let time: LineTime
    /// Where the line proper begins.
    let start: Int

    init?(_ line: Bytes, behind time: LineTime) {
        let bracket = line.first == UInt8(ascii: "[") && line.byte(time.range.upperBound) == UInt8(ascii: "]") ? 1 : 0
        let end = time.range.upperBound + bracket
        guard line.byte(end).isBlank else { return nil }
        if Self.isContainer(line, at: end) {
            (kind, start) = (.container, end + 10)
        } else if let header = SyslogHeader.end(behind: time, in: line) {
            (kind, start) = (.syslog, Self.skipBlanks(line, from: header))
        } else {
            (kind, start) = (.time, Self.skipBlanks(line, from: end))
        }
        self.time = time
        guard kind == .container || line.byte(start) == UInt8(ascii: "{") || LogfmtLine.pair(line, at: start) != nil
        else { return nil }
    }

    /// ` stdout F `, or `P` for a part of a long line (Kubernetes, KEP "CRI logging").
    private static func isContainer(_ line: Bytes, at index: Int) -> Bool {
        guard line.starts(with: " stdout ", at: index) || line.starts(with: " stderr ", at: index) else { return false }
        return (line.byte(index + 8) == UInt8(ascii: "F") || line.byte(index + 8) == UInt8(ascii: "P"))
            && line.byte(index + 9) == 0x20
    }

    private static func skipBlanks(_ line: Bytes, from start: Int) -> Int {
        var index = start
        while line.byte(index).isBlank { index += 1 }
        return index
    }
}

/// `host tag[pid]:` behind the time of a syslog line.
enum SyslogHeader {
    /// Whether a time in the form of RFC 3339 begins a syslog line. Many programs write such times, so the process id, or the
    /// kernel's name, must be there.
    static func follows(_ time: LineTime, in line: Bytes) -> Bool {
        time.style == .iso && end(behind: time, in: line) != nil
    }

    /// One past the colon.
    static func end(behind time: LineTime, in line: Bytes) -> Int? {
        guard time.style == .syslog || time.range.lowerBound == 0 && isRFC3339(time, in: line) else { return nil }
        var index = time.range.upperBound
        let limit = min(line.count, index + 120)
        for position in 0..<2 {
            while index < limit, line[index] == 0x20 { index += 1 }
            let start = index
            while index < limit, isTagByte(line[index]) { index += 1 }
            guard index > start, line[start].isAlphanumeric || line[start] == UInt8(ascii: "_") else { return nil }
            if line.byte(index) == UInt8(ascii: ":"), line.byte(index + 1) == 0x20 {
                let tag = line.slice(start, index)
                let isCertain = time.style == .syslog || isProcess(tag) || position > 0 && isRsyslog(time, tag)
                return isCertain ? index + 1 : nil
            }
            guard position == 0, line.byte(index) == 0x20, !isLevel(line.slice(start, index)) else { return nil }
        }
        return nil
    }

    /// `2025-08-31T09:36:55.418891-07:00`, with a zone.
    private static func isRFC3339(_ time: LineTime, in line: Bytes) -> Bool {
        guard time.style == .iso, line.byte(10) == UInt8(ascii: "T") else { return false }
        let end = time.range.upperBound
        return line.byte(end - 1) == UInt8(ascii: "Z")
            || line.byte(end - 3) == UInt8(ascii: ":") && isSign(line.byte(end - 6))
            || isSign(line.byte(end - 5))
    }

    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }

    /// The kernel has no process id, and rsyslog's own format always has microseconds and an offset.
    private static func isRsyslog(_ time: LineTime, _ tag: Bytes) -> Bool {
        tag.equals("kernel") || time.range.count == 32 && !isLevel(tag)
    }

    private static func isProcess(_ tag: Bytes) -> Bool {
        guard tag.last == UInt8(ascii: "]"), let bracket = tag.index(of: UInt8(ascii: "[")), bracket > 0 else {
            return false
        }
        return SeverityWords.number(tag.slice(bracket + 1, tag.count - 1)) != nil
    }

    private static func isLevel(_ word: Bytes) -> Bool {
        word.allSatisfy(\.isLetter) && SeverityWords.match(word) != nil
    }

    private static func isTagByte(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")
            || byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") || byte == UInt8(ascii: "@")
    }
}
