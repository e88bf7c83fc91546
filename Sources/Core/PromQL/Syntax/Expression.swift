/// What an expression yields.
package enum ValueType: String, Hashable, Sendable {
    case scalar
    case vector = "instant vector"
    case matrix = "range vector"
    case string
}

/// The syntax tree of a query. Ranges are bytes of the query text.
package indirect enum Expression: Sendable {
    case number(Double, at: Range<Int>)
    case string([UInt8], at: Range<Int>)
    case vector(VectorSelector)
    case matrix(RangeSelector)
    case subquery(Subquery)
    case call(FunctionCall)
    case aggregation(Aggregation)
    case binary(BinaryExpression)
    case negated(Expression, at: Range<Int>)
    case parenthesized(Expression, at: Range<Int>)

    package var type: ValueType {
        switch self {
        case .number: .scalar
        case .string: .string
        case .vector, .aggregation: .vector
        case .matrix, .subquery: .matrix
        case .call(let call): call.function.returns
        case .binary(let binary): binary.left.type == .scalar && binary.right.type == .scalar ? .scalar : .vector
        case .negated(let inner, _), .parenthesized(let inner, _): inner.type
        }
    }

    package var range: Range<Int> {
        switch self {
        case .number(_, let range), .string(_, let range), .negated(_, let range), .parenthesized(_, let range): range
        case .vector(let selector): selector.range
        case .matrix(let selector): selector.range
        case .subquery(let subquery): subquery.range
        case .call(let call): call.range
        case .aggregation(let aggregation): aggregation.range
        case .binary(let binary): binary.left.range.lowerBound..<binary.right.range.upperBound
        }
    }

    /// Without the parentheses around it.
    var unwrapped: Expression {
        var inner = self
        while case .parenthesized(let next, _) = inner { inner = next }
        return inner
    }

    /// Levels of nesting; bounded, because evaluation recurs as deep.
    var depth: Int {
        switch self {
        case .number, .string, .vector, .matrix: 1
        case .subquery(let subquery): subquery.depth
        case .call(let call): call.depth
        case .aggregation(let aggregation): aggregation.depth
        case .binary(let binary): binary.depth
        case .negated(let inner, _), .parenthesized(let inner, _): inner.depth + 1
        }
    }
}

/// `@` of a selector.
package enum AtModifier: Hashable, Sendable {
    /// Milliseconds since the Unix epoch.
    case time(Int64)
    case start
    case end
}

/// When a selector looks, relative to the evaluation time.
package struct SelectorTiming: Hashable, Sendable {
    package var offset: DurationExpression?
    package var at: AtModifier?
}

package struct VectorSelector: Sendable {
    /// Experimental `anchored` and `smoothed` ranges.
    package enum Boundary: String, Hashable, Sendable {
        case anchored
        case smoothed
    }

    package var matchers: [LabelMatcher]
    package var timing = SelectorTiming()
    package var boundary: Boundary?
    package var range: Range<Int>
}

package struct RangeSelector: Sendable {
    package var selector: VectorSelector
    package var length: DurationExpression
    package var range: Range<Int>
}

package struct Subquery: Sendable {
    package var expression: Expression
    package var length: DurationExpression
    /// `nil`: the default step of the engine.
    package var step: DurationExpression?
    package var timing = SelectorTiming()
    package var range: Range<Int>
    let depth: Int
}

package struct FunctionCall: Sendable {
    package var function: FunctionSignature
    package var arguments: [Expression]
    package var range: Range<Int>
    let depth: Int
}

package struct Aggregation: Sendable {
    package enum Operator: String, Hashable, Sendable, CaseIterable {
        case sum
        case avg
        case count
        case min
        case max
        case group
        case stddev
        case stdvar
        case topk
        case bottomk
        case countValues = "count_values"
        case quantile
        case limitk
        case limitRatio = "limit_ratio"

        /// The type of the first argument, for operators that have two.
        var parameterType: ValueType? {
            switch self {
            case .topk, .bottomk, .quantile, .limitk, .limitRatio: .scalar
            case .countValues: .string
            default: nil
            }
        }
    }

    package var operation: Operator
    package var parameter: Expression?
    package var expression: Expression
    package var grouping: [String]
    package var isWithout: Bool
    package var range: Range<Int>
    let depth: Int
}

/// How the sides of a binary operation between vectors are paired.
package struct VectorMatching: Hashable, Sendable {
    package enum Cardinality: Hashable, Sendable {
        case oneToOne
        /// `group_left`
        case manyToOne
        /// `group_right`
        case oneToMany
        /// Set operators.
        case manyToMany
    }

    package var cardinality = Cardinality.oneToOne
    /// `on(labels)` instead of `ignoring(labels)`.
    package var isOn = false
    package var labels: [String] = []
    /// Labels that `group_left(…)` copies from the one side.
    package var include: [String] = []
    /// Experimental `fill`: the value of a missing partner.
    package var fillLeft: Double?
    package var fillRight: Double?
}

package struct BinaryExpression: Sendable {
    package var operation: BinaryOperator
    package var left: Expression
    package var right: Expression
    package var matching: VectorMatching
    package var returnsBool: Bool
    /// Where the operator stands.
    package var operatorRange: Range<Int>
    let depth: Int
}
