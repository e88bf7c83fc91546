/// The value of an expression at all steps of a grid.
enum EvaluatedValue {
    /// One number per step.
    case scalar([Double])
    case vector(VectorBlock)
    case string([UInt8])
}

/// Evaluates expressions over one grid of steps. A subquery evaluates its inside with another one.
struct Evaluator {
    let context: QueryContext
    let grid: StepGrid

    func evaluate(_ expression: Expression) throws(PromQLError) -> EvaluatedValue {
        try context.checkCancelled()
        switch expression {
        case .number(let value, _):
            return .scalar(Array(repeating: value, count: grid.count))
        case .string(let text, _):
            return .string(text)
        case .parenthesized(let inner, _):
            return try evaluate(inner)
        case .vector(let selector):
            return .vector(try instantVector(selector))
        case .matrix, .subquery:
            throw PromQLError(.execution, "a range vector is only allowed as a function argument")
        case .negated(let inner, _):
            return try negated(inner)
        case .binary(let binary):
            return try self.binary(binary)
        case .aggregation(let aggregation):
            return .vector(try aggregate(aggregation))
        case .call(let call):
            return try self.call(call)
        }
    }

    func scalar(_ expression: Expression) throws(PromQLError) -> [Double] {
        guard case .scalar(let values) = try evaluate(expression) else {
            throw PromQLError(.execution, "expected a scalar")
        }
        return values
    }

    func vector(_ expression: Expression) throws(PromQLError) -> VectorBlock {
        guard case .vector(let block) = try evaluate(expression) else {
            throw PromQLError(.execution, "expected an instant vector")
        }
        return block
    }

    /// The bytes of a string argument.
    func string(_ expression: Expression) throws(PromQLError) -> [UInt8] {
        guard case .string(let text) = try evaluate(expression) else {
            throw PromQLError(.execution, "expected a string")
        }
        return text
    }

    private func negated(_ inner: Expression) throws(PromQLError) -> EvaluatedValue {
        switch try evaluate(inner) {
        case .scalar(let values): return .scalar(values.map { -$0 })
        case .vector(let block): return .vector(block.mapped(dropsName: true) { value, _ in -value })
        case .string: throw PromQLError(.execution, "unary expression on a string")
        }
    }
}
