/// The longest run of plain ASCII characters that every match of an expression must contain.
package struct RequiredText: Hashable, Sendable {
    /// In lower case when case is ignored.
    package private(set) var bytes: [UInt8] = []
    package private(set) var ignoresCase = false
    /// It has a `k` or an `s`, for which `(?i)` takes a Kelvin sign or a long s too: texts beyond ASCII may match without it.
    package private(set) var hasOtherForms = false

    init?(of node: RegexNode) {
        var best = Run()
        var run = Run()
        Self.walk(node, &run, &best)
        Self.end(&run, &best)
        guard !best.bytes.isEmpty else { return nil }
        ignoresCase = best.ignoresCase
        hasOtherForms = best.hasOtherForms
        bytes = ignoresCase ? best.bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 } : best.bytes
    }

    private struct Run {
        var bytes: [UInt8] = []
        var ignoresCase = false
        var hasOtherForms = false
    }

    private static func end(_ run: inout Run, _ best: inout Run) {
        if run.bytes.count > best.bytes.count { best = run }
        run = Run()
    }

    private static func walk(_ node: RegexNode, _ run: inout Run, _ best: inout Run) {
        switch node {
        case .set(let set):
            if let byte = set.single, byte < 0x80 {
                run.bytes.append(UInt8(byte))
            } else if let letter = letter(set) {
                run.bytes.append(letter)
                run.ignoresCase = true
                if set.ranges.count > 2 { run.hasOtherForms = true }
            } else {
                end(&run, &best)
            }
        case .sequence(let parts):
            for part in parts { walk(part, &run, &best) }
        case .group(let inner, _):
            walk(inner, &run, &best)
        case .repetition(let inner, let least, _, _) where least >= 1:
            end(&run, &best)
            walk(inner, &run, &best)
            end(&run, &best)
        case .assertion, .empty:
            break
        case .alternation, .repetition:
            end(&run, &best)
        }
    }

    /// The lower-case letter of a set that holds just its forms.
    private static func letter(_ set: RuneSet) -> UInt8? {
        guard let upper = set.ranges.first?.lowerBound, upper &- 0x41 < 26,
            set == RuneSet(CaseFolding.equivalents(upper).map { $0...$0 })
        else { return nil }
        return UInt8(upper | 0x20)
    }
}
