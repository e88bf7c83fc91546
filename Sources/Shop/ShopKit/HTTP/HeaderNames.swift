package import HTTPTypes

extension HTTPField.Name {
    package static let traceparent = known("traceparent")
    package static let requestID = known("X-Request-ID")
    package static let idempotencyKey = known("Idempotency-Key")

    /// A name from a literal of ours; another name stands in for one that is no token, which a test would notice.
    private static func known(_ name: String) -> Self {
        Self(name) ?? .eTag
    }
}
