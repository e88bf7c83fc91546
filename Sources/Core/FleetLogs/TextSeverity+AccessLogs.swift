import FleetModel

/// Requests as servers log them: the status tells the severity.
extension TextSeverity {
    /// `… "GET / HTTP/1.1" 404 …` in the common and combined formats; 4xx and 5xx count as errors, as in lnav.
    static func accessLog(_ line: Bytes) -> LogSeverity? {
        guard let bracket = line.slice(0, 400).index(of: UInt8(ascii: "[")), line.byte(bracket + 1).isDigit,
            line.byte(bracket + 3) == UInt8(ascii: "/"), line.byte(bracket + 7) == UInt8(ascii: "/"),
            let close = line.index(of: UInt8(ascii: "]"), from: bracket), line.starts(with: " \"", at: close + 1)
        else { return line.starts(with: "[pid: ") ? uwsgi(line) : isoAccessLog(line) }
        var index = close + 3
        while let quote = line.index(of: UInt8(ascii: "\""), from: index) {
            index = quote + 1
            guard line[quote - 1] != UInt8(ascii: "\\"), line.byte(index) == 0x20, line.byte(index + 1).isDigit,
                line.byte(index + 2).isDigit, line.byte(index + 3).isDigit, !line.byte(index + 4).isAlphanumeric
            else { continue }
            return status(line.byte(index + 1))
        }
        return nil
    }

    /// `2013-02-11T06:43:36 10.112.72.172 - GET /client/ -1 200 5778 …`
    private static func isoAccessLog(_ line: Bytes) -> LogSeverity? {
        guard line.starts(with: "GET ", at: 0) || line.byte(0).isDigit, let time = LineTime.leading(line),
            time.range.lowerBound == 0, time.style == .iso
        else { return nil }
        var index = time.range.upperBound + 1
        guard line.byte(index).isDigit else { return nil }
        while index < line.count, index < 80, line[index] != UInt8(ascii: "/"), line[index] != UInt8(ascii: "\"") {
            index += 1
        }
        guard isMethod(before: index, in: line) else { return nil }
        let quoted = line.byte(index) == UInt8(ascii: "\"")
        guard let end = line.index(of: quoted ? UInt8(ascii: "\"") : 0x20, from: index + 1) else { return nil }
        var field = end + (quoted ? 2 : 1)
        for _ in 0..<2 {
            if line.byte(field).isDigit, line.byte(field + 2).isDigit, line.byte(field + 3) == 0x20 {
                return status(line.byte(field))
            }
            guard let blank = line.index(of: 0x20, from: field) else { return nil }
            field = blank + 1
        }
        return nil
    }

    private static func isMethod(before index: Int, in line: Bytes) -> Bool {
        let head = line.slice(max(0, index - 9), index)
        guard head.count > 4, head[head.count - 1] == 0x20 else { return false }
        var start = head.count - 1
        while start > 0, head[start - 1].isUpper { start -= 1 }
        return head.count - 1 - start >= 3 && head.byte(start - 1) == 0x20
    }

    private static func status(_ digit: UInt8) -> LogSeverity {
        digit >= UInt8(ascii: "4") ? .error : .info
    }

    /// `[pid: 3853|app: 0|req: 1/1] 127.0.0.1 () {…} [Tue Mar  8 19:07:10 2016] GET / => generated … (HTTP/1.1 200) …`
    private static func uwsgi(_ line: Bytes) -> LogSeverity? {
        var index = line.count
        // From behind: the address that was asked for may hold anything.
        while index > 0 {
            index -= 1
            guard line[index] == UInt8(ascii: "("), line.starts(with: "(HTTP/", at: index) else { continue }
            guard let blank = line.index(of: 0x20, from: index), line.byte(blank + 1).isDigit,
                line.byte(blank + 4) == UInt8(ascii: ")")
            else { continue }
            return status(line.byte(blank + 1))
        }
        return nil
    }
}
