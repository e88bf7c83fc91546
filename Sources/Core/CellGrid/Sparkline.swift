/// One row of small bars.
package enum Sparkline {
    /// The newest `width` values as bars, scaled from zero (or the lowest value, when negative) to the highest.
    ///
    /// `nil` and values that are not finite are gaps. Fewer values than columns leave the gap on the left, so that the
    /// newest value is always the last column. `ceiling` fixes the scale, for example 100 for percentages.
    package static func render(
        values: [Double?],
        width: Int,
        glyphs: GlyphSet,
        ceiling: Double? = nil
    ) -> String {
        guard width > 0 else { return "" }
        let shown = values.suffix(width).map { value in value.flatMap { $0.isFinite ? $0 : nil } }
        let present = shown.compactMap(\.self)
        let low = min(0, present.min() ?? 0)
        let high = max(ceiling ?? present.max() ?? 0, low)
        let levels = glyphs.levels
        var text = String(repeating: glyphs.gap, count: width - shown.count)
        for value in shown {
            guard let value else {
                text += glyphs.gap
                continue
            }
            text.unicodeScalars.append(levels[level(of: value, low: low, high: high, steps: levels.count)])
        }
        return text
    }

    private static func level(of value: Double, low: Double, high: Double, steps: Int) -> Int {
        guard high > low else { return 0 }
        let fraction = min(1, max(0, (value / 2 - low / 2) / (high / 2 - low / 2)))
        return min(steps - 1, Int((fraction * Double(steps - 1)).rounded()))
    }
}

/// A horizontal bar of exactly `width` columns.
package enum Bar {
    /// `fraction` outside 0…1 is clamped; not-a-number draws an empty bar.
    package static func render(fraction: Double, width: Int, glyphs: GlyphSet) -> String {
        guard width > 0 else { return "" }
        let steps = glyphs.barSteps
        let clamped = fraction.isNaN ? 0 : min(1, max(0, fraction))
        let units = Int((clamped * Double(width * steps.count)).rounded())
        var text = ""
        let full = units / steps.count
        for _ in 0..<full { text.unicodeScalars.append(steps[steps.count - 1]) }
        let rest = units % steps.count
        if rest > 0 { text.unicodeScalars.append(steps[rest - 1]) }
        return text + String(repeating: " ", count: width - full - (rest > 0 ? 1 : 0))
    }
}
