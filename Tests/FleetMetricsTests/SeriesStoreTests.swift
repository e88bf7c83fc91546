import Testing

@testable import FleetMetrics

@Suite struct SeriesStoreTests {
    private let up = SeriesLabels(metric: "up", [("job", "a")])

    @Test func `chunks give back what they were given`() {
        var points: [SamplePoint] = []
        var time: Int64 = 1_700_000_000_123
        let steps: [Int64] = [1, 15_000, 15_000, 15_001, 40_000, 8_191, 8_193, 65_536, 131_073, 1_000_000, 1 << 40]
        for index in 0..<500 {
            time += index < steps.count ? steps[index] : Int64.random(in: 1...30_000)
            let value: Double =
                switch index % 7 {
                case 0: Double(index)
                case 1: .nan
                case 2: StalenessMarker.value
                case 3: -0.0
                case 4: .random(in: -1e300...1e300)
                default: 42
                }
            points.append(SamplePoint(time: time, value: value))
        }
        for count in [1, 2, 3, 120, 500] {
            var read: [SamplePoint] = []
            XORChunk.encode(points.prefix(count)).withUnsafeBufferPointer {
                XORChunk.forEach($0) {
                    read.append(SamplePoint(time: $0, value: $1)); return true
                }
            }
            #expect(read.map(\.time) == points.prefix(count).map(\.time))
            #expect(read.map(\.value.bitPattern) == points.prefix(count).map(\.value.bitPattern))
        }
    }

    @Test func `damaged chunks end early and never trap`() {
        let chunk = XORChunk.encode((0..<120).map { SamplePoint(time: Int64($0) * 15_000, value: .random(in: 0...1)) })
        for length in 0...chunk.count {
            Array(chunk[..<length]).withUnsafeBufferPointer { XORChunk.forEach($0) { _, _ in true } }
        }
        for position in chunk.indices {
            var damaged = chunk
            damaged[position] ^= 0xFF
            damaged.withUnsafeBufferPointer { XORChunk.forEach($0) { _, _ in true } }
        }
    }

    @Test func `samples come back over chunk borders and inside a window`() throws {
        var store = SeriesStore()
        let reference = try store.made(up)
        for index in 0..<1000 { #expect(store.append(reference, at: Int64(index) * 1000, Double(index)) == .stored) }
        let selection = store.select([.equal(name: "__name__", value: "up")], from: 100_500, through: 900_000)
        #expect(selection.labels == [up])
        #expect(selection.values == (101...900).map(Double.init))
        #expect(selection.times == (101...900).map { Int64($0) * 1000 })
        #expect(store.sampleCount == 1000)
    }

    @Test func `late and contradicting samples are refused and counted`() throws {
        var store = SeriesStore()
        let reference = try store.made(up)
        #expect(store.append(reference, at: 10, 1) == .stored)
        #expect(store.append(reference, at: 10, 1) == .repeated)
        #expect(store.append(reference, at: 10, 2) == .duplicate)
        #expect(store.append(reference, at: 9, 2) == .outOfOrder)
        #expect(store.drops.duplicates == 1 && store.drops.outOfOrder == 1)
    }

    @Test func `matchers treat an absent label as empty`() {
        var store = SeriesStore()
        for (job, code) in [("a", "200"), ("a", "500"), ("b", "200"), ("b", "")] {
            store.append(SeriesLabels(metric: "requests", [("job", job), ("code", code)]), at: 1, 1)
        }
        func count(_ matchers: [SeriesMatcher]) -> Int { store.select(matchers, from: 0, through: 10).count }
        #expect(count([.equal(name: "job", value: "a")]) == 2)
        #expect(count([.equal(name: "code", value: "")]) == 1)
        #expect(count([.notEqual(name: "code", value: "200")]) == 2)
        #expect(count([.predicate(name: "code") { $0.hasPrefix("5") }]) == 1)
        #expect(count([.predicate(name: "code") { $0.isEmpty || $0 == "500" }]) == 2)
        #expect(count([.equal(name: "job", value: "b"), .notEqual(name: "code", value: "")]) == 1)
        #expect(count([.equal(name: "nothing", value: "x")]) == 0)
        #expect(store.labelValues("job") == ["a", "b"])
        #expect(store.metricNames == ["requests"])
    }

    @Test func `old series go, and their references become void`() throws {
        var limits = SeriesStoreLimits()
        limits.retention = 60_000
        var store = SeriesStore(limits: limits)
        let old = try store.made(up)
        _ = store.append(old, at: 0, 1)
        let other = SeriesLabels(metric: "down")
        store.append(other, at: 100_000, 1)
        store.expire(now: 100_000)
        #expect(store.seriesCount == 1)
        #expect(store.append(old, at: 100_000, 1) == .unknownSeries)
        #expect(store.select([.equal(name: "__name__", value: "up")], from: 0, through: 1_000_000).count == 0)
        // The slot is used again under a new generation.
        let renewed = try store.made(up)
        #expect(renewed != old)
        #expect(store.append(renewed, at: 100_001, 2) == .stored)
        #expect(store.append(old, at: 100_002, 3) == .unknownSeries)
        #expect(store.seriesLabels() == [other, up] || store.seriesLabels() == [up, other])
    }

    @Test func `the byte limit sheds the oldest samples of all series and counts them`() throws {
        var limits = SeriesStoreLimits()
        limits.bytes = 200_000
        var store = SeriesStore(limits: limits)
        let references = try (0..<20).map { try store.made(SeriesLabels(metric: "m\($0)")) }
        for index in 0..<20_000 {
            for reference in references { _ = store.append(reference, at: Int64(index) * 1000, .random(in: 0...1)) }
        }
        #expect(store.byteCount <= limits.bytes)
        #expect(store.drops.shedSamples > 0)
        #expect(store.sampleCount + store.drops.shedSamples == 400_000)
        let selection = store.select([], from: .min, through: .max)
        #expect(selection.times.count == store.sampleCount)
        #expect(selection.count == 20)
        #expect(selection.times.last == 19_999_000)
    }

    @Test func `the series limit refuses new series and keeps the old ones`() {
        var limits = SeriesStoreLimits()
        limits.series = 2
        var store = SeriesStore(limits: limits)
        for name in ["a", "b", "c"] { store.append(SeriesLabels(metric: name), at: 1, 1) }
        #expect(store.metricNames == ["a", "b"])
        #expect(store.drops.refusedSeries == 1)
    }

    @Test func `a selection stops at its sample limit and says so`() {
        var store = SeriesStore()
        for series in 0..<10 {
            for time in 0..<100 { store.append(SeriesLabels(metric: "m\(series)"), at: Int64(time), 1) }
        }
        let selection = store.select([], from: 0, through: 1000, sampleLimit: 250)
        #expect(selection.isTruncated)
        #expect(selection.times.count < 500)
    }
}

extension SeriesStore {
    /// A reference that must exist.
    mutating func made(_ labels: SeriesLabels) throws -> SeriesRef {
        let reference = reference(for: labels)
        return try #require(reference)
    }
}
