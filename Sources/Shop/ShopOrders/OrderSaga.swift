/// What to do next for an order.
package enum SagaStep: String, Equatable, Sendable {
    case reserve, charge, confirm
    /// Undo a charge that happened or may have happened.
    case refund
    /// Undo a reservation that happened or may have happened.
    case release
    case fail
}

/// What became of a step that asked another service.
package enum StepOutcome: Equatable, Sendable {
    case done(total: Int?)
    case refused(OrderFailure)
    /// No answer: it may have happened or not. Undoing is idempotent, so it is undone as if it had.
    case unanswered
}

/// An order as its events tell it, and the saga that brings it to its end: reserve, charge, confirm; or, once a
/// step is refused or stays unanswered, refund, release, fail. Any prefix of the events says how to go on, so an
/// order survives the end of the process at any step.
package struct OrderSaga: Equatable, Sendable {
    package enum Phase: Equatable, Sendable {
        case placed
        case reserved
        case charged
        case confirmed
        /// Undoing; a charge was tried or not, and the undone parts.
        case undoing(OrderFailure, wasChargeTried: Bool, isRefunded: Bool, isReleased: Bool)
        case failed(OrderFailure)
    }

    package let id: String
    package let userID: String
    package let items: [OrderLine]
    package let token: String
    package private(set) var total = 0
    package private(set) var phase = Phase.placed
    /// How many events there were; the next one's version.
    package private(set) var version = 1

    /// Starts from the first event; nil when that is not `placed`.
    package init?(id: String, first: OrderEvent) {
        guard case .placed(let userID, let items, let token) = first else { return nil }
        self.id = id
        self.userID = userID
        self.items = items
        self.token = token
    }

    /// Folds a whole history; nil when there is none or it does not begin with `placed`.
    package init?(id: String, events: [OrderEvent]) {
        guard let first = events.first else { return nil }
        self.init(id: id, first: first)
        for event in events.dropFirst() { apply(event) }
    }

    package var next: SagaStep? {
        switch phase {
        case .placed: .reserve
        case .reserved: .charge
        case .charged: .confirm
        case .undoing(_, wasChargeTried: true, isRefunded: false, _): .refund
        case .undoing(_, _, _, isReleased: false): .release
        case .undoing: .fail
        case .confirmed, .failed: nil
        }
    }

    /// The event that a step's outcome makes; nil when the step has to be tried again later: an order that is being
    /// undone is never left half undone.
    package func event(after step: SagaStep, _ outcome: StepOutcome) -> OrderEvent? {
        switch (step, outcome) {
        case (.reserve, .done(let total)): .reserved(total: total ?? 0)
        case (.charge, .done): .charged
        case (.reserve, .refused(let failure)), (.charge, .refused(let failure)): .abandoned(failure)
        case (.reserve, .unanswered), (.charge, .unanswered): .abandoned(.unavailable)
        case (.confirm, _): .confirmed
        case (.refund, .done): .refunded
        case (.release, .done): .released
        case (.refund, _), (.release, _): nil
        case (.fail, _): .failed
        }
    }

    /// An event happened. One that does not fit the phase changes nothing but the version.
    package mutating func apply(_ event: OrderEvent) {
        version += 1
        switch (event, phase) {
        case (.reserved(let total), .placed):
            self.total = total
            phase = .reserved
        case (.charged, .reserved):
            phase = .charged
        case (.confirmed, .charged):
            phase = .confirmed
        case (.abandoned(let failure), .placed):
            phase = .undoing(failure, wasChargeTried: false, isRefunded: false, isReleased: false)
        case (.abandoned(let failure), .reserved):
            phase = .undoing(failure, wasChargeTried: true, isRefunded: false, isReleased: false)
        case (.refunded, .undoing(let failure, let wasChargeTried, _, let isReleased)):
            phase = .undoing(failure, wasChargeTried: wasChargeTried, isRefunded: true, isReleased: isReleased)
        case (.released, .undoing(let failure, let wasChargeTried, let isRefunded, _)):
            phase = .undoing(failure, wasChargeTried: wasChargeTried, isRefunded: isRefunded, isReleased: true)
        case (.failed, .undoing(let failure, _, _, _)):
            phase = .failed(failure)
        default:
            break
        }
    }

    /// The status that clients see.
    package var status: String {
        switch phase {
        case .placed, .reserved, .charged: "pending"
        case .confirmed: "confirmed"
        case .undoing: "failing"
        case .failed: "failed"
        }
    }

    package var failure: OrderFailure? {
        switch phase {
        case .undoing(let failure, _, _, _), .failed(let failure): failure
        case .placed, .reserved, .charged, .confirmed: nil
        }
    }
}
