/// A message as a consumer gets it.
package struct BusMessage: Sendable {
    package let destination: String
    /// The publisher's id of the event, the same each time it is delivered; an inbox remembers it.
    package let eventID: String
    /// The publishing span, when the publisher traced.
    package let publisher: SpanContext?
    package let body: [UInt8]

    package init?(_ frame: StompFrame) {
        guard frame.command == "MESSAGE", let destination = frame["destination"] else { return nil }
        self.destination = destination
        eventID = frame["event-id"] ?? frame["message-id"] ?? ""
        publisher = frame["traceparent"].flatMap(SpanContext.init(traceparent:))
        body = frame.body
    }

    /// The name of the event: `order.confirmed` of `/topic/order.confirmed`.
    package var name: String { destination.split(separator: "/").last.map(String.init) ?? destination }
}
