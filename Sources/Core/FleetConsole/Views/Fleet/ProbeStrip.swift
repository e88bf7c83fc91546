import CellGrid
import FleetModel

/// The last probe results of a service: a bar per answer, as high as it took, and a mark where it failed.
struct ProbeStrip {
    let results: [Double?]
    let glyphs: GlyphSet

    /// The newest that fit.
    func line(width: Int) -> StyledLine {
        let shown = results.suffix(max(0, width))
        let longest = shown.compactMap { $0 }.filter(\.isFinite).max() ?? 0
        var line = StyledLine()
        for result in shown {
            guard let seconds = result, seconds.isFinite else {
                line.add(glyphs.mark(.failed), .fail)
                continue
            }
            line.add(String(Character(level(seconds, longest))), .ok)
        }
        return line
    }

    /// `60 probes, 2 failed, 1ms to 9ms, mostly 3ms`.
    var caption: String {
        guard !results.isEmpty else { return "no answer yet" }
        let times = results.compactMap { $0 }.filter(\.isFinite).sorted()
        let failed = results.count - times.count
        let count =
            "\(results.count) probe\(results.count == 1 ? "" : "s"), "
            + (failed == 0 ? "none failed" : "\(failed) failed")
        guard let least = times.first, let most = times.last else { return count }
        let middle = TimeText.latency(times[times.count / 2])
        return "\(count), \(TimeText.latency(least)) to \(TimeText.latency(most)), mostly \(middle)"
    }

    private func level(_ seconds: Double, _ longest: Double) -> Unicode.Scalar {
        let levels = glyphs.levels
        guard longest > 0 else { return levels[0] }
        let share = max(0, min(1, seconds / longest))
        return levels[min(levels.count - 1, Int(share * Double(levels.count - 1) + 0.5))]
    }
}
