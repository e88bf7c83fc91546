package import FleetModel

/// Takes the output of services as it is read. Called on drain threads: it may take a short lock and nothing slower.
package protocol LogSink: Sendable {
    func received(
        _ bytes: UnsafeRawBufferPointer,
        from service: ServiceID,
        _ incarnation: Incarnation,
        _ stream: LogStream,
        at time: Timestamp
    )

    /// Something about keeping a service's output that its reader must know.
    func report(_ service: ServiceID, _ trouble: String)

    /// The pipe is closed or abandoned: a line without a newline will not be completed any more.
    func ended(_ service: ServiceID, _ incarnation: Incarnation, _ stream: LogStream, at time: Timestamp)
}

/// Takes OTLP request bodies, already decompressed.
package protocol TelemetrySink: Sendable {
    func receive(
        _ signal: TelemetrySignal,
        _ body: [UInt8],
        encoding: TelemetryEncoding
    ) throws(TelemetryRejection)
        -> TelemetryReceipt
}

package enum TelemetrySignal: String, Sendable, Hashable { case traces, metrics, logs }

package enum TelemetryEncoding: Sendable, Hashable { case protobuf, json }

package struct TelemetryReceipt: Sendable, Hashable {
    /// Items of the request that were refused; > 0 makes a `partial_success`.
    package var rejected: Int
    package var message: String

    package init(rejected: Int = 0, message: String = "") {
        self.rejected = rejected
        self.message = message
    }
}

package enum TelemetryRejection: Error, Sendable, Hashable {
    /// 400: the client must not retry.
    case malformed(String)
    /// 404: this engine does not take the signal.
    case unsupported
    /// 503 with Retry-After.
    case overloaded
}
