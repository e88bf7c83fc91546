import FleetEngine
import Synchronization

/// Remembers what it was given and answers as told.
final class RecordingSink: TelemetrySink {
    struct Item: Hashable {
        let signal: TelemetrySignal
        let encoding: TelemetryEncoding
        let body: [UInt8]
    }

    private let items = Mutex<[Item]>([])
    private let verdict: Result<TelemetryReceipt, TelemetryRejection>

    init(verdict: Result<TelemetryReceipt, TelemetryRejection> = .success(TelemetryReceipt())) {
        self.verdict = verdict
    }

    var received: [Item] { items.withLock(\.self) }

    func receive(
        _ signal: TelemetrySignal,
        _ body: [UInt8],
        encoding: TelemetryEncoding
    ) throws(TelemetryRejection) -> TelemetryReceipt {
        items.withLock { $0.append(Item(signal: signal, encoding: encoding, body: body)) }
        return try verdict.get()
    }
}
