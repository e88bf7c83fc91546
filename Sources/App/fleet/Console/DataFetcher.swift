import FleetAPI
import FleetConsole
import FleetModel
import Synchronization

/// Fetches what the visible pane wants: at once when the question is new, and again when the engine's counters say that
/// the answer is out of date, but not more often than a person can read.
final class DataFetcher: Sendable {
    private struct Progress {
        var request: DataRequest
        /// The news counter that the last fetch started with.
        var counter: Int
        var startedAt: ContinuousClock.Instant
        var isUnderWay: Bool
    }

    /// Between two fetches of the same live answer: what one watches line by line, and what stands beside it.
    private static func spacing(of key: DataKey) -> Duration {
        switch key {
        case .logsBefore, .logsAfter: .milliseconds(250)
        case .serviceLogs, .serviceEvents, .history, .traceLogs, .evidenceLogs, .catalogue: .seconds(2)
        default: .seconds(1)
        }
    }

    private let client: any EngineClient
    private let inbox: ConsoleInbox
    private let progress = Mutex<[DataKey: Progress]>([:])

    init(client: any EngineClient, inbox: ConsoleInbox) {
        self.client = client
        self.inbox = inbox
    }

    /// Starts what is due. Returns how long until something more will be due, `nil` when only news can make it so.
    func update(wants: [DataRequest], totals: FleetTotals) -> Duration? {
        let now = ContinuousClock.now
        var next: Duration?
        var due: [DataRequest] = []
        progress.withLock { progress in
            let keys = Set(wants.map(\.key))
            progress = progress.filter { keys.contains($0.key) || $0.value.isUnderWay }
            for request in wants {
                let counter = request.newsCounter(in: totals)
                if let last = progress[request.key], last.request == request {
                    guard last.counter != counter, !last.isUnderWay else { continue }
                    let wait = Self.spacing(of: request.key) - last.startedAt.duration(to: now)
                    if wait > .zero {
                        next = min(next ?? wait, wait)
                        continue
                    }
                }
                progress[request.key] = Progress(request: request, counter: counter, startedAt: now, isUnderWay: true)
                due.append(request)
            }
        }
        for request in due { fetch(request) }
        return next
    }

    /// After a lost connection every answer is out of date.
    func forget() { progress.withLock { $0 = [:] } }

    private func fetch(_ request: DataRequest) {
        Task { [client, inbox] in
            do throws(EngineError) {
                inbox.post(.loaded(request, try await client.answer(to: request.query)))
            } catch {
                inbox.post(.failed(request, error))
            }
            progress.withLock { progress in
                if progress[request.key]?.request == request { progress[request.key]?.isUnderWay = false }
            }
        }
    }
}

extension EngineClient {
    func answer(to query: DataRequest.Query) async throws(EngineError) -> DataValue {
        switch query {
        case .logs(let query): .logs(try await logs(query))
        case .traces(let query): .traces(try await traces(query))
        case .trace(let id): .trace(try await trace(id))
        case .metric(let query): .metric(try await self.query(query))
        case .events(let query): .events(try await events(query))
        case .serviceMap: .serviceMap(try await serviceMap())
        case .catalogue: .catalogue(try await metricCatalogue())
        case .history(let service): .history(try await history(service))
        case .environment(let service): .environment(try await environment(service))
        case .reloadPlan: .reloadPlan(try await reload(ReloadRequest(planOnly: true)))
        }
    }
}
