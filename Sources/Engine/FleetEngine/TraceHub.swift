import FleetAPI
package import FleetModel
import Synchronization

/// The trace store behind one lock.
package final class TraceHub: TelemetrySink {
    let bell = NewsBell()

    package init(telemetry: TelemetrySpec) {}

    var spanCount: Int { 0 }
    var lostCount: Int { 0 }

    package func receive(
        _ signal: TelemetrySignal,
        _ body: [UInt8],
        encoding: TelemetryEncoding
    ) throws(TelemetryRejection) -> TelemetryReceipt {
        throw .unsupported
    }

    func page(_ query: TraceQuery) throws(EngineError) -> TracePage { TracePage() }
    func detail(_ id: String) throws(EngineError) -> TraceDetail { throw EngineError(.notFound, "no trace \(id)") }
    func serviceMap(of fleet: Fleet, now: Timestamp) -> ServiceMap { ServiceMap() }
}
