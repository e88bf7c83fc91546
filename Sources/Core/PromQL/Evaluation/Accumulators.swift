/// Folds the samples of a group at one step into one number.
protocol Accumulator {
    mutating func add(_ value: Double)
    var result: Double { get }
}

struct CompensatedSumAccumulator: Accumulator {
    private var sum: CompensatedSum

    init(_ first: Double) { sum = CompensatedSum(sum: first) }

    mutating func add(_ value: Double) { sum.add(value) }

    var result: Double { sum.value }
}

struct MeanAccumulator: Accumulator {
    private var mean: CompensatedMean

    init(_ first: Double) { mean = CompensatedMean(first) }

    mutating func add(_ value: Double) { mean.add(value) }

    var result: Double { mean.value }
}

struct CountAccumulator: Accumulator {
    private var count = 1.0

    init(_: Double) {}

    mutating func add(_: Double) { count += 1 }

    var result: Double { count }
}

struct GroupAccumulator: Accumulator {
    init(_: Double) {}

    mutating func add(_: Double) {}

    var result: Double { 1 }
}

struct MinimumAccumulator: Accumulator {
    private(set) var result: Double

    init(_ first: Double) { result = first }

    mutating func add(_ value: Double) {
        if value < result || result.isNaN { result = value }
    }
}

struct MaximumAccumulator: Accumulator {
    private(set) var result: Double

    init(_ first: Double) { result = first }

    mutating func add(_ value: Double) {
        if value > result || result.isNaN { result = value }
    }
}

/// Population variance by Welford's method.
struct VarianceAccumulator: Accumulator {
    private var count = 1.0
    private var mean: Double
    private var squares: Double

    init(_ first: Double) {
        mean = first
        squares = first.isFinite ? 0 : .nan
    }

    mutating func add(_ value: Double) {
        count += 1
        let delta = value - mean
        mean += delta / count
        squares += delta * (value - mean)
    }

    var result: Double { squares / count }
}
