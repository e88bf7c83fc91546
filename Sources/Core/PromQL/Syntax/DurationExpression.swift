/// A range, step or offset: mostly a constant, but it may calculate with `step()` and `range()` of the query.
package indirect enum DurationExpression: Hashable, Sendable {
    case seconds(Double)
    /// Step of the query; 0 for an instant query.
    case step
    /// End minus start of the query.
    case range
    case negated(DurationExpression)
    case calculated(DurationExpression, BinaryOperator, DurationExpression)
    case least(DurationExpression, DurationExpression)
    case greatest(DurationExpression, DurationExpression)

    /// Largest duration in milliseconds: what Go's nanosecond durations hold.
    static let limit: Int64 = 9_223_372_036_854

    /// True when the value does not depend on the query's times.
    var isConstant: Bool {
        switch self {
        case .seconds: true
        case .step, .range: false
        case .negated(let inner): inner.isConstant
        case .calculated(let left, _, let right), .least(let left, let right), .greatest(let left, let right):
            left.isConstant && right.isConstant
        }
    }

    /// A number with at most a sign.
    var isLiteral: Bool {
        switch self {
        case .seconds: true
        case .negated(let inner): inner.isLiteral
        default: false
        }
    }

    /// The value in milliseconds for a query with this step and range (milliseconds).
    func milliseconds(step: Int64, range: Int64) throws(PromQLError) -> Int64 {
        let seconds = try seconds(step: Double(step) / 1000, range: Double(range) / 1000)
        guard abs(seconds) * 1000 <= Double(Self.limit) else { throw PromQLError(.execution, "duration out of range") }
        return Int64((seconds * 1000).rounded())
    }

    private func seconds(step: Double, range: Double) throws(PromQLError) -> Double {
        switch self {
        case .seconds(let value): return value
        case .step: return step
        case .range: return range
        case .negated(let inner): return -(try inner.seconds(step: step, range: range))
        case .least(let left, let right):
            return min(try left.seconds(step: step, range: range), try right.seconds(step: step, range: range))
        case .greatest(let left, let right):
            return max(try left.seconds(step: step, range: range), try right.seconds(step: step, range: range))
        case .calculated(let left, let operation, let right):
            let a = try left.seconds(step: step, range: range)
            let b = try right.seconds(step: step, range: range)
            if b == 0, operation == .divide { throw PromQLError(.execution, "division by zero") }
            if b == 0, operation == .modulo { throw PromQLError(.execution, "modulo by zero") }
            return operation.calculate(a, b)
        }
    }
}
