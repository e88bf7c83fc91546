import Foundation
import ShopKit
import Synchronization
import Testing
import Tracing

struct TraceparentTests {
    private struct Suite: Decodable {
        struct Case: Decodable {
            let headers: [[String]]
            let isValid: Bool

            enum CodingKeys: String, CodingKey {
                case headers
                case isValid = "is_traceparent_valid"
            }
        }

        let cases: [Case]
    }

    private static let path = "w3c/traceparent_cases.json"

    @Test(.enabled(if: TestData.isPresent(path), "the W3C cases are not there"))
    func `traceparent is read as the W3C test suite asks`() throws {
        let suite = try JSONDecoder().decode(Suite.self, from: TestData.read(Self.path))
        #expect(suite.cases.count > 10)
        for one in suite.cases {
            let values = one.headers.filter { $0.first?.lowercased() == "traceparent" }.compactMap(\.last)
            // Two headers are no header: that is the caller's part.
            let isValid = values.count == 1 && SpanContext(traceparent: values[0]) != nil
            #expect(isValid == one.isValid, "\(one.headers)")
        }
    }

    @Test func `a context survives its trip`() throws {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let context = try #require(SpanContext(traceparent: text))
        #expect(context.traceparent == text)
        #expect(context.isSampled)
        #expect(SpanContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")?.isSampled == false)
    }

    @Test func `no text makes it trap`() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        for length in 0..<text.count { #expect(SpanContext(traceparent: String(text.prefix(length))) == nil) }
        for text in ["", " ", "\t\t", "é", String(repeating: "-", count: 60)] {
            #expect(SpanContext(traceparent: text) == nil)
        }
    }
}

/// Keeps the spans a tracer finishes.
private final class Recorder: Sendable {
    private let finished = Mutex<[FinishedSpan]>([])
    var spans: [FinishedSpan] { finished.withLock { $0 } }
    var tracer: ShopTracer { ShopTracer { span in self.finished.withLock { $0.append(span) } } }
}

struct TracerTests {
    private struct Refused: Error {}

    @Test func `spans nest by the task they run in`() async throws {
        let recorder = Recorder()
        let tracer = recorder.tracer
        await tracer.span("outer", .server) { outer in
            #expect(ShopTracer.current == outer.spanContext)
            await tracer.span("inner", .client) { _ in }
        }
        #expect(ShopTracer.current == nil)
        let (inner, outer) = (try #require(recorder.spans.first), try #require(recorder.spans.last))
        #expect([inner.name, outer.name] == ["inner", "outer"])
        #expect(inner.parent == outer.context.spanID)
        #expect(inner.context.traceID == outer.context.traceID)
        #expect(outer.parent == nil)
        #expect(outer.start <= inner.start && inner.end <= outer.end)
    }

    @Test func `a consumer continues the publisher's trace and links to it`() async throws {
        let recorder = Recorder()
        let publisher = try #require(
            SpanContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        )
        await recorder.tracer.span("process", .consumer, parent: publisher, links: [publisher]) { _ in }
        let span = try #require(recorder.spans.first)
        #expect(span.context.traceID == publisher.traceID)
        #expect(span.parent == publisher.spanID)
        #expect(span.links == [publisher])
    }

    @Test func `an error fails the span and is thrown on`() async {
        let recorder = Recorder()
        await #expect(throws: Refused.self) {
            try await recorder.tracer.span("work") { _ in throw Refused() }
        }
        #expect(recorder.spans.first?.failure != nil)
        #expect(recorder.spans.first?.events.map(\.name) == ["exception"])
    }

    @Test func `what nobody traces starts no trace`() async {
        let recorder = Recorder()
        await recorder.tracer.spanIfTraced("poll") { #expect($0 == nil) }
        #expect(recorder.spans.isEmpty)
    }

    @Test func `an unsampled trace is passed on and not exported`() async throws {
        let recorder = Recorder()
        let parent = SpanContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
        await recorder.tracer.span("work", parent: parent) { span in
            #expect(span.spanContext.traceparent.hasSuffix("-00"))
        }
        #expect(recorder.spans.isEmpty)
    }

    @Test func `what is recorded after the end is ignored`() async {
        let recorder = Recorder()
        let late = await recorder.tracer.span("work") { $0 }
        late.set("late", "yes")
        late.end()
        #expect(recorder.spans.count == 1)
        #expect(recorder.spans.first?.attributes.isEmpty == true)
    }
}
