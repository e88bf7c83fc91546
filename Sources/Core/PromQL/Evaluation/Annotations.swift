/// Warnings and infos of an evaluation, each once.
struct Annotations {
    private(set) var warnings: [String] = []
    private(set) var infos: [String] = []
    private let text: [UInt8]
    private static let limit = 100

    init(text: [UInt8]) { self.text = text }

    mutating func warn(_ message: String, at range: Range<Int>) {
        add("PromQL warning: \(message)", at: range, to: &warnings)
    }

    mutating func inform(_ message: String, at range: Range<Int>) {
        add("PromQL info: \(message)", at: range, to: &infos)
    }

    private func add(_ message: String, at range: Range<Int>, to list: inout [String]) {
        let place = SourcePlace(offset: range.lowerBound, in: text)
        let line = "\(message) (\(place.line):\(place.column))"
        guard list.count < Self.limit, !list.contains(line) else { return }
        list.append(line)
    }
}
