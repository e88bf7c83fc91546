/// Instant vectors for all steps of a grid: series × steps, in one array. A cell is absent when its series has no
/// sample at that step.
struct VectorBlock {
    let steps: Int
    var labels: [Labels] = []
    /// The metric name goes when the query is done; until then `label_replace` may still use it.
    var dropsName: [Bool] = []
    /// Row by row: cell `series * steps + step`.
    var values: [Double] = []
    /// The order of the series means something (`sort`, `topk`).
    var isOrdered = false

    init(steps: Int) { self.steps = steps }

    var count: Int { labels.count }

    @inline(__always)
    subscript(series: Int, step: Int) -> Double {
        get { values[series * steps + step] }
        set { values[series * steps + step] = newValue }
    }

    mutating func appendRow(_ labels: Labels, dropsName: Bool, _ row: some Sequence<Double>) {
        self.labels.append(labels)
        self.dropsName.append(dropsName)
        values.append(contentsOf: row)
    }

    mutating func appendEmptyRow(_ labels: Labels, dropsName: Bool) {
        appendRow(labels, dropsName: dropsName, repeatElement(Absent.value, count: steps))
    }

    /// Takes back the row added last when it has no sample.
    mutating func dropLastRowIfEmpty() {
        guard values.suffix(steps).allSatisfy(Absent.isAbsent) else { return }
        values.removeLast(steps)
        labels.removeLast()
        dropsName.removeLast()
    }

    func row(_ series: Int) -> ArraySlice<Double> { values[series * steps..<(series + 1) * steps] }

    /// Applies `body` to every sample; `nil` removes it. Removes series left without samples.
    func mapped(dropsName drops: Bool, _ body: (_ value: Double, _ step: Int) -> Double?) -> VectorBlock {
        var result = self
        result.isOrdered = false
        for series in labels.indices {
            if drops { result.dropsName[series] = true }
            for step in 0..<steps where !Absent.isAbsent(self[series, step]) {
                result[series, step] = body(self[series, step], step) ?? Absent.value
            }
        }
        return result.withoutEmptyRows()
    }

    func withoutEmptyRows() -> VectorBlock {
        let kept = labels.indices.filter { !row($0).allSatisfy(Absent.isAbsent) }
        return kept.count == labels.count ? self : selecting(kept)
    }

    /// The given series in the given order.
    func selecting(_ series: [Int]) -> VectorBlock {
        var result = VectorBlock(steps: steps)
        result.isOrdered = isOrdered
        result.values.reserveCapacity(series.count * steps)
        for index in series { result.appendRow(labels[index], dropsName: dropsName[index], row(index)) }
        return result
    }
}

/// Collects cells by labels: parts of a result that carry the same labels become one series.
struct VectorBlockBuilder {
    private(set) var block: VectorBlock
    private var rows: [Labels: Int] = [:]

    init(steps: Int) { block = VectorBlock(steps: steps) }

    /// The row of the series with these labels; new rows are empty.
    mutating func row(for labels: Labels, dropsName: Bool) -> Int {
        if let row = rows[labels] {
            if dropsName { block.dropsName[row] = true }
            return row
        }
        rows[labels] = block.count
        block.appendEmptyRow(labels, dropsName: dropsName)
        return block.count - 1
    }

    mutating func set(_ row: Int, _ step: Int, _ value: Double) { block[row, step] = value }
}
