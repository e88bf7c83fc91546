// Function by function: the module also has files, sockets and clocks, which a pure target must not see.
#if canImport(Glibc)
import func Glibc.atan2
import func Glibc.pow
#else
import func Darwin.atan2
import func Darwin.pow
#endif

/// Binary operators, by increasing precedence of their group.
package enum BinaryOperator: String, Hashable, Sendable, CaseIterable {
    case or
    case and
    case unless
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divide = "/"
    case modulo = "%"
    case atan2
    case power = "^"

    /// Tighter operators have larger numbers.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: 3
        case .plus, .minus: 4
        case .times, .divide, .modulo, .atan2: 5
        case .power: 6
        }
    }

    static let unaryPrecedence = 6

    var isSet: Bool { self == .or || self == .and || self == .unless }

    var isComparison: Bool { precedence == 3 }

    /// The result of an arithmetic operator; for other operators the left side.
    func calculate(_ left: Double, _ right: Double) -> Double {
        switch self {
        case .plus: left + right
        case .minus: left - right
        case .times: left * right
        case .divide: left / right
        case .modulo: left.truncatingRemainder(dividingBy: right)
        case .power: pow(left, right)
        case .atan2: angle(left, right)
        default: left
        }
    }

    /// Whether a comparison holds; false for other operators.
    func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        default: false
        }
    }
}

/// Outside of the type, whose case has the function's name.
private func angle(_ y: Double, _ x: Double) -> Double { atan2(y, x) }
