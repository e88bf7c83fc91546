/// Functions from one sample value to another.
enum InstantFunctions {
    static func named(_ name: String) -> ((Double) -> Double)? {
        switch name {
        case "abs": { abs($0) }
        case "ceil": { $0.rounded(.up) }
        case "floor": { $0.rounded(.down) }
        case "sqrt": { $0.squareRoot() }
        case "exp": { Elementary.exp($0) }
        case "ln": { Elementary.log($0) }
        case "log2": { Elementary.log2($0) }
        case "log10": { Elementary.log10($0) }
        case "sgn": { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 }
        case "deg": { $0 * 180 / .pi }
        case "rad": { $0 * .pi / 180 }
        default: trigonometric(name) ?? DateFunctions.named(name)
        }
    }

    private static func trigonometric(_ name: String) -> ((Double) -> Double)? {
        switch name {
        case "sin": { Elementary.sin($0) }
        case "cos": { Elementary.cos($0) }
        case "tan": { Elementary.tan($0) }
        case "asin": { Elementary.asin($0) }
        case "acos": { Elementary.acos($0) }
        case "atan": { Elementary.atan($0) }
        case "sinh": { Elementary.sinh($0) }
        case "cosh": { Elementary.cosh($0) }
        case "tanh": { Elementary.tanh($0) }
        case "asinh": { Elementary.asinh($0) }
        case "acosh": { Elementary.acosh($0) }
        case "atanh": { Elementary.atanh($0) }
        default: nil
        }
    }

    /// Half up, to multiples of `unit`.
    static func round(_ value: Double, to unit: Double) -> Double {
        // Multiplying by the inverse loses less than dividing by small units.
        let inverse = 1 / unit
        return (value * inverse + 0.5).rounded(.down) / inverse
    }

    /// The larger number; NaN when either is.
    static func greater(_ left: Double, _ right: Double) -> Double {
        left.isNaN || right.isNaN ? .nan : max(left, right)
    }

    static func lesser(_ left: Double, _ right: Double) -> Double {
        left.isNaN || right.isNaN ? .nan : min(left, right)
    }
}
