/// Guesses what somebody meant who misspelt a name.
package enum NearestName {
    /// `did you mean "command"?`, or nothing when no candidate is near.
    package static func hint(_ name: String, among candidates: some Sequence<String>) -> String {
        find(name, among: candidates).map { "did you mean \"\($0)\"?" } ?? ""
    }

    /// The candidate that the fewest edits turn into `name`, if it takes no more than a third of its letters (at least 2).
    package static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().utf8.prefix(64))
        let limit = max(2, wanted.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = edits(from: wanted, to: Array(candidate.lowercased().utf8.prefix(64)))
            if distance <= limit, distance < (best?.distance ?? .max), distance < wanted.count {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    /// Levenshtein distance with swaps of neighbours counted once.
    private static func edits(from left: [UInt8], to right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var line = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, line[column] + 1, last[column] + (byte == other ? 0 : 1))
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                line.append(cost)
            }
            beforeLast = last
            last = line
        }
        return last[right.count]
    }
}
