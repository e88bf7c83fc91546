/// Expansion of `$1`, `${1}`, `$name` and `$$` in a template, as Go's `Regexp.Expand` does it.
package enum RegexReplacement {
    package static func expand(
        _ template: String,
        regex: LinearRegex,
        text: [UInt8],
        groups: [Range<Int>?]
    ) -> String {
        var result: [UInt8] = []
        var rest = Array(template.utf8)[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            result += rest[..<dollar]
            rest = rest[(dollar + 1)...]
            if rest.first == UInt8(ascii: "$") {
                result.append(UInt8(ascii: "$"))
                rest.removeFirst()
                continue
            }
            guard let (name, after) = groupName(rest) else {
                // Malformed: the dollar stands for itself.
                result.append(UInt8(ascii: "$"))
                continue
            }
            rest = after
            let number = Int(name) ?? regex.groupNames.firstIndex(of: name).map { $0 + 1 } ?? -1
            if groups.indices.contains(number), let range = groups[number] { result += text[range] }
        }
        result += rest
        return String(decoding: result, as: UTF8.self)
    }

    private static func groupName(_ text: ArraySlice<UInt8>) -> (name: String, rest: ArraySlice<UInt8>)? {
        let isBraced = text.first == UInt8(ascii: "{")
        let body = isBraced ? text.dropFirst() : text
        let name = body.prefix { RuneClasses.word.contains(UInt32($0)) }
        guard !name.isEmpty else { return nil }
        let rest = body[name.endIndex...]
        guard isBraced else { return (String(decoding: name, as: UTF8.self), rest) }
        guard rest.first == UInt8(ascii: "}") else { return nil }
        return (String(decoding: name, as: UTF8.self), rest.dropFirst())
    }
}
