/// Finds a field by name in the bytes of a line, without decoding the rest.
enum LineFields {
    /// Calls `visit` with each value of the name until it returns true, and says whether it did. The name is in lower case; dots
    /// lead into objects, or stand in the name itself.
    static func contains(_ line: Bytes, name: [UInt8], _ visit: (String) -> Bool) -> Bool {
        let body = LineClassifier.record(line).bytes
        if body.first == UInt8(ascii: "{") {
            return searchJSON(body, at: 0, name: name[...], depth: 1, visit)
        }
        var isFound = false
        LogfmtLine.scattered(body) { pair in
            guard isSame(body.slice(pair.key), name[...]) else { return true }
            let value = body.slice(pair.value)
            isFound = visit(pair.isQuoted ? JSONScanner.unescaped(value) : value.text)
            return !isFound
        }
        return isFound
    }

    private static func searchJSON(
        _ line: Bytes,
        at start: Int,
        name: ArraySlice<UInt8>,
        depth: Int,
        _ visit: (String) -> Bool
    ) -> Bool {
        var isFound = false
        var scanner = JSONScanner(line, at: start)
        _ = scanner.members { key, value in
            let member = line.slice(key)
            if isSame(member, name) {
                isFound = visit(text(line.slice(value)))
            } else if depth < LineDecoder.deepestObject, line.byte(value.lowerBound) == UInt8(ascii: "{"),
                let rest = remainder(of: name, behind: member)
            {
                isFound = searchJSON(line, at: value.lowerBound, name: rest, depth: depth + 1, visit)
            }
            return !isFound
        }
        return isFound
    }

    private static func text(_ value: Bytes) -> String {
        guard value.first == UInt8(ascii: "\"") else { return value.text }
        return JSONScanner.unescaped(value.slice(1, value.count - 1))
    }

    private static func isSame(_ key: Bytes, _ name: ArraySlice<UInt8>) -> Bool {
        guard key.count == name.count else { return false }
        return zip(key, name).allSatisfy { $0.lowered == $1 }
    }

    private static func remainder(of name: ArraySlice<UInt8>, behind key: Bytes) -> ArraySlice<UInt8>? {
        guard name.count > key.count + 1, name[name.startIndex + key.count] == UInt8(ascii: "."),
            isSame(key, name.prefix(key.count))
        else { return nil }
        return name.dropFirst(key.count + 1)
    }
}
