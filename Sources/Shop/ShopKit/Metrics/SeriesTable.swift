/// The series of one family by label values. Bounded: label values can come from outside, so beyond the limit
/// new series are not created but counted.
struct SeriesTable<Value: Sendable>: Sendable {
    static var limit: Int { 1000 }

    private(set) var values: [[String]: Value] = [:]
    private(set) var refusedCount = 0

    mutating func update(_ labels: [String], initial: @autoclosure () -> Value, _ change: (inout Value) -> Void) {
        guard values[labels] != nil || values.count < Self.limit else {
            refusedCount += 1
            return
        }
        change(&values[labels, default: initial()])
    }

    mutating func remove(_ labels: [String]) {
        values[labels] = nil
    }

    mutating func removeAll() {
        values.removeAll()
    }

    /// In a stable order, so that two expositions can be compared.
    var sorted: [(key: [String], value: Value)] {
        values.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }
}
