/// Name and types of a function.
package struct FunctionSignature: Hashable, Sendable {
    package let name: String
    package let arguments: [ValueType]
    /// 0: exactly `arguments`; n: the last argument may come 0…n times; -1: any number of times.
    package let variadic: Int
    package let returns: ValueType

    private init(_ name: String, _ arguments: [ValueType], variadic: Int = 0, returns: ValueType = .vector) {
        self.name = name
        self.arguments = arguments
        self.variadic = variadic
        self.returns = returns
    }

    var leastCount: Int { variadic == 0 ? arguments.count : arguments.count - 1 }

    var mostCount: Int { variadic == 0 ? arguments.count : variadic < 0 ? .max : arguments.count - 1 + variadic }

    func type(ofArgument index: Int) -> ValueType { arguments[min(index, arguments.count - 1)] }

    /// All functions by name.
    package static let all: [String: FunctionSignature] = {
        var table: [FunctionSignature] = []
        for name in [
            "abs", "absent", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "deg", "exp",
            "floor",
            "histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar", "histogram_sum", "ln", "log10",
            "log2", "rad", "sgn", "sin", "sinh", "sort", "sort_desc", "sqrt", "tan", "tanh", "timestamp",
        ] { table.append(FunctionSignature(name, [.vector])) }
        for name in [
            "absent_over_time", "avg_over_time", "changes", "count_over_time", "delta", "deriv", "first_over_time",
            "idelta", "increase", "irate", "last_over_time", "mad_over_time", "max_over_time", "min_over_time",
            "present_over_time", "rate", "resets", "stddev_over_time", "stdvar_over_time", "sum_over_time",
            "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time", "ts_of_min_over_time",
        ] { table.append(FunctionSignature(name, [.matrix])) }
        for name in [
            "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year",
        ] { table.append(FunctionSignature(name, [.vector], variadic: 1)) }
        for name in ["time", "pi", "start", "end", "step", "range"] {
            table.append(FunctionSignature(name, [], returns: .scalar))
        }
        table += [
            FunctionSignature("clamp", [.vector, .scalar, .scalar]),
            FunctionSignature("clamp_max", [.vector, .scalar]),
            FunctionSignature("clamp_min", [.vector, .scalar]),
            FunctionSignature("double_exponential_smoothing", [.matrix, .scalar, .scalar]),
            FunctionSignature("histogram_fraction", [.scalar, .scalar, .vector]),
            FunctionSignature("histogram_quantile", [.scalar, .vector]),
            FunctionSignature("histogram_quantiles", [.vector, .string, .scalar], variadic: 10),
            FunctionSignature("info", [.vector, .vector], variadic: 1),
            FunctionSignature("label_join", [.vector, .string, .string, .string], variadic: -1),
            FunctionSignature("label_replace", [.vector, .string, .string, .string, .string]),
            FunctionSignature("max_of", [.scalar, .scalar], returns: .scalar),
            FunctionSignature("min_of", [.scalar, .scalar], returns: .scalar),
            FunctionSignature("predict_linear", [.matrix, .scalar]),
            FunctionSignature("quantile_over_time", [.scalar, .matrix]),
            FunctionSignature("round", [.vector, .scalar], variadic: 1),
            FunctionSignature("scalar", [.vector], returns: .scalar),
            FunctionSignature("sort_by_label", [.vector, .string], variadic: -1),
            FunctionSignature("sort_by_label_desc", [.vector, .string], variadic: -1),
            FunctionSignature("vector", [.scalar]),
        ]
        return Dictionary(uniqueKeysWithValues: table.map { ($0.name, $0) })
    }()
}
