/// Powers of ten without the platform's mathematics library; a chart needs no more digits than it has dots.
enum PowersOfTen {
    /// The natural logarithm by the area tangent of the fraction, which lies between 1 and 2: 12 terms are exact enough
    /// for any screen.
    static func logarithm(of value: Double) -> Double {
        let share = (value.significand - 1) / (value.significand + 1)
        var power = share
        var sum = 0.0
        for term in 0..<12 {
            sum += power / Double(2 * term + 1)
            power *= share * share
        }
        let two = 0.693_147_180_559_945_3
        let ten = 2.302_585_092_994_046
        return (Double(value.exponent) * two + 2 * sum) / ten
    }

    static func value(of exponent: Int) -> Double {
        var value = 1.0
        for _ in 0..<min(320, exponent.magnitude) { value = exponent < 0 ? value / 10 : value * 10 }
        return value
    }
}

extension AxisScale {
    /// From the power of ten below the values to the one above them, in exponents.
    static func decades(of values: some Sequence<Double>, maximumTicks: Int) -> AxisScale {
        var low = Double.infinity
        var high = -Double.infinity
        for value in values where value > 0 && value.isFinite {
            low = Swift.min(low, value)
            high = Swift.max(high, value)
        }
        guard low <= high else { return AxisScale(low: 0, high: 1, ticks: [0, 1]) }
        // A value that is a power of ten itself lies on its line, whatever the last digit says.
        let first = Int((PowersOfTen.logarithm(of: low) + 1e-9).rounded(.down))
        let last = Swift.max(first + 1, Int((PowersOfTen.logarithm(of: high) - 1e-9).rounded(.up)))
        let step = Swift.max(1, (last - first + maximumTicks - 2) / Swift.max(1, maximumTicks - 1))
        return AxisScale(
            low: Double(first),
            high: Double(last),
            ticks: stride(from: first, through: last, by: step).map(Double.init)
        )
    }
}
