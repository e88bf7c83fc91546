// Function by function: the module also has files, sockets and clocks, which a pure target must not see.
#if canImport(Glibc)
import func Glibc.acos
import func Glibc.acosh
import func Glibc.asin
import func Glibc.asinh
import func Glibc.atan
import func Glibc.atanh
import func Glibc.cos
import func Glibc.cosh
import func Glibc.exp
import func Glibc.log
import func Glibc.log10
import func Glibc.log2
import func Glibc.sin
import func Glibc.sinh
import func Glibc.tan
import func Glibc.tanh
#else
import func Darwin.acos
import func Darwin.acosh
import func Darwin.asin
import func Darwin.asinh
import func Darwin.atan
import func Darwin.atanh
import func Darwin.cos
import func Darwin.cosh
import func Darwin.exp
import func Darwin.log
import func Darwin.log10
import func Darwin.log2
import func Darwin.sin
import func Darwin.sinh
import func Darwin.tan
import func Darwin.tanh
#endif

/// Functions from one sample value to another.
enum InstantFunctions {
    static func named(_ name: String) -> ((Double) -> Double)? {
        switch name {
        case "abs": { abs($0) }
        case "ceil": { $0.rounded(.up) }
        case "floor": { $0.rounded(.down) }
        case "sqrt": { $0.squareRoot() }
        case "exp": { exp($0) }
        case "ln": { log($0) }
        case "log2": { log2($0) }
        case "log10": { log10($0) }
        case "sgn": { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 }
        case "deg": { $0 * 180 / .pi }
        case "rad": { $0 * .pi / 180 }
        default: trigonometric(name) ?? DateFunctions.named(name)
        }
    }

    private static func trigonometric(_ name: String) -> ((Double) -> Double)? {
        switch name {
        case "sin": { sin($0) }
        case "cos": { cos($0) }
        case "tan": { tan($0) }
        case "asin": { asin($0) }
        case "acos": { acos($0) }
        case "atan": { atan($0) }
        case "sinh": { sinh($0) }
        case "cosh": { cosh($0) }
        case "tanh": { tanh($0) }
        case "asinh": { asinh($0) }
        case "acosh": { acosh($0) }
        case "atanh": { atanh($0) }
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
