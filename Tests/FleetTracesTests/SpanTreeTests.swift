import FleetModel
import Testing

@testable import FleetTraces

struct SpanTreeTests {
    private func outline(_ spans: [SpanFixture]) throws -> [String] {
        try #require(filled(spans).view()).rows.map { row in
            String(repeating: ".", count: row.depth) + "\(row.id.rawValue)" + (row.isOrphan ? "?" : "")
        }
    }

    @Test func `children follow their parent in the order of their start`() throws {
        #expect(
            try outline([
                SpanFixture(3, parent: 1, 30, 40), SpanFixture(4, parent: 2, 12, 14), SpanFixture(2, parent: 1, 10, 20),
                SpanFixture(1, 0, 100),
            ]) == ["1", ".2", "..4", ".3"]
        )
    }

    @Test func `a span whose parent has not arrived is shown as a root of its own, marked`() throws {
        var store = try filled([SpanFixture(1, 0, 100), SpanFixture(5, parent: 9, 40, 60)])
        #expect(try outline([SpanFixture(1, 0, 100), SpanFixture(5, parent: 9, 40, 60)]) == ["1", "5?"])
        #expect(store.overview(TraceID(high: 0, low: 1))?.isIncomplete == true)
        try store.add([SpanFixture(9, parent: 1, 30, 70)])
        let rows = try #require(store.view()).rows
        #expect(rows.map(\.id.rawValue) == [1, 9, 5])
        #expect(rows.allSatisfy { !$0.isOrphan })
        #expect(store.overview(TraceID(high: 0, low: 1))?.isIncomplete == false)
    }

    @Test func `circles are cut at their earliest span`() throws {
        #expect(
            try outline([
                SpanFixture(1, parent: 3, 10, 20), SpanFixture(2, parent: 1, 5, 20), SpanFixture(3, parent: 2, 7, 20),
                SpanFixture(4, parent: 1, 11, 12), SpanFixture(8, 50, 60), SpanFixture(7, parent: 7, 55, 56),
            ]) == ["2?", ".3", "..1", "...4", "8", "7"]
        )
    }

    @Test func `two spans with one id are both shown and do not loop`() throws {
        let rows = try outline([
            SpanFixture(1, 0, 100), SpanFixture(2, parent: 1, kind: .client, 10, 90),
            SpanFixture(2, parent: 1, service: "other", kind: .server, 20, 80), SpanFixture(3, parent: 2, 30, 40),
        ])
        #expect(rows.count == 4)
        #expect(rows.filter { $0.hasSuffix("2") }.count == 2)
    }

    @Test func `self time is the duration without the union of the children`() throws {
        let store = try filled([
            SpanFixture(1, 0, 100), SpanFixture(2, parent: 1, 10, 40), SpanFixture(3, parent: 1, 30, 60),
            SpanFixture(4, parent: 1, 90, 150), SpanFixture(5, parent: 1, 200, 300),
        ])
        let rows = try #require(store.view()).rows
        #expect(rows[0].selfTime == .milliseconds(40))
        #expect(rows[0].childCount == 4)
    }

    @Test func `an end before the start counts as no duration`() throws {
        let store = try filled([SpanFixture(1, 50, 20)])
        #expect(store.view()?.overview.duration == .zero)
    }

    @Test func `a chain of eighty thousand spans is laid out`() throws {
        let deep = 80_000
        let spans = (1...UInt64(deep)).map {
            SpanFixture($0, parent: $0 - 1, Double($0) / 1000, 1000 - Double($0) / 1000)
        }
        let view = try #require(filled(spans).view())
        #expect(view.rows.count == deep)
        #expect(view.rows.last?.depth == deep - 1)
        #expect(view.criticalPath.count == 2 * deep - 1)
    }
}
