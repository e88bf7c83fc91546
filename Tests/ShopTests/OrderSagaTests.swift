import Foundation
import ShopOrders
import Testing

struct OrderSagaTests {
    private static let placed = OrderEvent.placed(
        userID: "u",
        items: [OrderLine(sku: "SKU-1", quantity: 2)],
        token: "tok"
    )

    /// Runs a saga whose outside steps come out as the script says; answers the steps and the status at the end.
    /// A step beyond the script is done well.
    private func play(_ script: String) throws -> String {
        var saga = try #require(OrderSaga(id: "o", first: Self.placed))
        var outcomes = script.split(separator: " ")[...]
        var story: [String] = []
        while let step = saga.next {
            story.append(step.rawValue)
            let isOutside = step != .confirm && step != .fail
            let outcome = isOutside ? Self.outcome(outcomes.popFirst()) : .done(total: nil)
            guard let event = saga.event(after: step, outcome) else {
                story.append("wait")
                break
            }
            saga.apply(event)
        }
        return story.joined(separator: " ") + ": " + saga.status
    }

    private static func outcome(_ word: Substring?) -> StepOutcome {
        switch word {
        case "declined": .refused(.declined)
        case "soldout": .refused(.outOfStock)
        case "silence": .unanswered
        default: .done(total: 1980)
        }
    }

    @Test(arguments: [
        ("ok ok", "reserve charge confirm: confirmed"),
        ("soldout", "reserve release fail: failed"),
        ("ok declined", "reserve charge refund release fail: failed"),
        ("silence", "reserve release fail: failed"),
        ("ok silence", "reserve charge refund release fail: failed"),
        ("ok silence silence", "reserve charge refund wait: failing"),
        ("ok declined ok silence", "reserve charge refund release wait: failing"),
    ])
    func `a saga follows its script`(script: String, story: String) throws {
        #expect(try play(script) == story)
    }

    @Test func `the total is what the reservation says`() throws {
        var saga = try #require(OrderSaga(id: "o", first: Self.placed))
        saga.apply(try #require(saga.event(after: .reserve, .done(total: 1980))))
        #expect(saga.total == 1980)
    }

    @Test func `every order ends confirmed or undone, whatever each step says and wherever it stopped`() throws {
        let outcomes: [StepOutcome] = [.done(total: 1), .refused(.declined), .refused(.outOfStock), .unanswered]
        for first in outcomes {
            for second in outcomes {
                var events = [Self.placed]
                var script = [first, second][...]
                // Each round starts from the events alone, as after the end of the process.
                while let saga = OrderSaga(id: "o", events: events), let step = saga.next {
                    try #require(events.count < 10, "the saga does not end")
                    let outcome = step == .reserve || step == .charge ? script.popFirst() : nil
                    events.append(try #require(saga.event(after: step, outcome ?? .done(total: nil))))
                }
                let end = try #require(OrderSaga(id: "o", events: events))
                #expect(end.version == events.count)
                if end.status == "confirmed" {
                    #expect(events.contains(.charged) && !events.contains(.released))
                } else {
                    #expect(end.status == "failed")
                    #expect(events.contains(.released))
                    #expect(events.contains(.refunded) == events.contains(.reserved(total: 1)))
                }
            }
        }
    }

    @Test func `an event that does not fit changes nothing but the version`() throws {
        var saga = try #require(OrderSaga(id: "o", first: Self.placed))
        saga.apply(.charged)
        #expect(saga.phase == .placed)
        #expect(saga.version == 2)
    }

    @Test func `a history begins with placing`() {
        #expect(OrderSaga(id: "o", events: []) == nil)
        #expect(OrderSaga(id: "o", events: [.confirmed]) == nil)
    }

    @Test(arguments: [
        placed, .reserved(total: 5), .charged, .confirmed, .abandoned(.declined), .refunded, .released, .failed,
    ])
    func `events read back as they were written`(event: OrderEvent) throws {
        let data = try JSONEncoder().encode(event)
        #expect(try JSONDecoder().decode(OrderEvent.self, from: data) == event)
    }
}
