import FleetModel
import Foundation
import Testing

@testable import FleetTraces

struct CriticalPathTests {
    private struct File: Decodable {
        var cases: [Case]
    }

    private struct Case: Decodable {
        var `case`: String
        var criticalPathSections: [Section]
        var trace: Trace
    }

    private struct Section: Decodable, Equatable {
        var spanID: String
        var sectionStart: Int64
        var sectionEnd: Int64
    }

    private struct Trace: Decodable {
        var spans: [Span]
    }

    private struct Span: Decodable {
        struct Reference: Decodable {
            var refType: String
            var spanID: String
        }

        struct Tag: Decodable {
            var key: String
            var value: String
        }

        var spanID: String
        var references: [Reference]
        var startTime: Int64
        var duration: Int64
        var tags: [Tag]?
    }

    private static let path = "jaeger-ui/critical_path/cases.json"

    @Test(.enabled(if: ThirdPartyData.has(path), "third-party test data is not here"))
    func `critical paths are those of Jaeger's own tests`() throws {
        let file = try JSONDecoder().decode(File.self, from: ThirdPartyData.data(Self.path))
        try #require(!file.cases.isEmpty)
        for example in file.cases {
            let spans = example.trace.spans
            let numbers = Dictionary(uniqueKeysWithValues: spans.enumerated().map { ($1.spanID, UInt64($0 + 1)) })
            let stored = spans.map { span in
                let parent = span.references.first.flatMap { numbers[$0.spanID] } ?? 0
                let follows = span.references.first?.refType == "FOLLOWS_FROM"
                return StoredSpan(
                    id: numbers[span.spanID] ?? 0,
                    parent: parent,
                    start: span.startTime,
                    duration: span.duration,
                    name: 0,
                    service: 0,
                    resource: 0,
                    payload: 0,
                    kind: UInt8((follows ? SpanKind.consumer : .internal).rawValue),
                    status: 0
                )
            }
            let tree = SpanTree(stored)
            let root = try #require(stored.firstIndex { $0.parent == 0 })
            let found = CriticalPath.stretches(stored, tree, from: root).map { stretch in
                Section(spanID: spans[stretch.position].spanID, sectionStart: stretch.from, sectionEnd: stretch.to)
            }
            #expect(found == example.criticalPathSections, "\(example.case)")
        }
    }

    @Test func `children that ended at the instant the last one began are passed over`() throws {
        let store = try filled([
            SpanFixture(1, 0, 100), SpanFixture(2, parent: 1, 10, 50), SpanFixture(3, parent: 1, 50, 90),
        ])
        let path = try #require(store.view()).criticalPath.map {
            "\($0.span.rawValue) \($0.from / .milliseconds(1))-\($0.to / .milliseconds(1))"
        }
        #expect(path == ["1 90.0-100.0", "3 50.0-90.0", "1 0.0-50.0"])
    }

    @Test func `of children that outlive their parent, the one that ended last is the one waited for`() throws {
        let store = try filled([
            SpanFixture(1, 0, 100), SpanFixture(2, parent: 1, 10, 120), SpanFixture(3, parent: 1, 20, 150),
        ])
        let path = try #require(store.view()).criticalPath.map {
            "\($0.span.rawValue) \($0.from / .milliseconds(1))-\($0.to / .milliseconds(1))"
        }
        #expect(path == ["3 20.0-100.0", "1 0.0-20.0"])
    }

    @Test func `nobody waits for a consumer`() throws {
        let store = try filled([
            SpanFixture(1, kind: .producer, 0, 10), SpanFixture(2, parent: 1, kind: .consumer, 5, 9),
            SpanFixture(3, parent: 2, 6, 8),
        ])
        let view = try #require(store.view())
        #expect(view.criticalPath.map(\.span.rawValue) == [1])
        #expect(view.rows.map { $0.selfTime / .milliseconds(1) } == [10, 2, 2])
    }
}
