import FleetAPI
import FleetModel
import Foundation
import Hummingbird

// Every request of `EngineClient` as a route. What makes no sense is refused at this door with 400, so that nothing
// behind it has to expect, for example, a time-out of a million years.

extension EngineServer {
    func addQuestions(to router: Router<BasicRequestContext>) {
        router.get("\(Route.hello)") { [engine] _, _ in
            try await answer { () throws(EngineError) in try await engine.hello() }
        }
        router.get("\(Route.snapshot)") { [engine] _, _ in
            try await answer { () throws(EngineError) in try await engine.snapshot() }
        }
        router.get("\(Route.metrics)") { [engine] _, _ in
            try await answer { () throws(EngineError) in try await engine.metricCatalogue() }
        }
        router.get("\(Route.map)") { [engine] _, _ in
            try await answer { () throws(EngineError) in try await engine.serviceMap() }
        }
    }

    /// About the one thing that the last part of the path names.
    func addQuestionsOfOne(to router: Router<BasicRequestContext>) {
        router.get("\(Route.trace)/:name") { [engine] _, context in
            try await answer { () throws(EngineError) in try await engine.trace(try name(in: context)) }
        }
        router.get("\(Route.why)/:name") { [engine] _, context in
            try await answer { () throws(EngineError) in try await engine.why(try name(in: context)) }
        }
        router.get("\(Route.environment)/:name") { [engine] _, context in
            try await answer { () throws(EngineError) in try await engine.environment(try name(in: context)) }
        }
        router.get("\(Route.history)/:name") { [engine] _, context in
            try await answer { () throws(EngineError) in try await engine.history(try name(in: context)) }
        }
        router.post("\(Route.resumeWatch)/:name") { [engine] _, context in
            try await answer { () throws(EngineError) in try await engine.resumeWatch(try name(in: context)) }
        }
    }

    func addQueries(to router: Router<BasicRequestContext>) {
        router.post("\(Route.logs)") { [engine] request, _ in
            try await answer(request) { (query: LogQuery) throws(EngineError) in try await engine.logs(query) }
        }
        router.post("\(Route.events)") { [engine] request, _ in
            try await answer(request) { (query: EventQuery) throws(EngineError) in try await engine.events(query) }
        }
        router.post("\(Route.query)") { [engine] request, _ in
            try await answer(request) { (query: MetricQuery) throws(EngineError) in try await engine.query(query) }
        }
        router.post("\(Route.traces)") { [engine] request, _ in
            try await answer(request) { (query: TraceQuery) throws(EngineError) in try await engine.traces(query) }
        }
    }

    func addCommands(to router: Router<BasicRequestContext>) {
        router.post("\(Route.command)") { [engine] request, _ in
            try await answer(request) { (command: ServiceCommand) throws(EngineError) in
                try await engine.perform(command)
            }
        }
        router.post("\(Route.shutdown)") { [engine] request, _ in
            try await answer(request) { (shutdown: ShutdownRequest) throws(EngineError) in
                try await engine.shutDown(shutdown)
            }
        }
        router.post("\(Route.scale)") { [engine] request, _ in
            try await answer(request) { (scale: ScaleRequest) throws(EngineError) in try await engine.scale(scale) }
        }
        router.post("\(Route.reload)") { [engine] request, _ in
            try await answer(request) { (reload: ReloadRequest) throws(EngineError) in
                try await engine.reload(reload)
            }
        }
        router.post("\(Route.port)") { [engine] request, _ in
            try await answer(request) { (action: PortAction) throws(EngineError) in try await engine.port(action) }
        }
        router.post("\(Route.input)") { [engine] request, _ in
            try await answer(request) { (input: TerminalInput) throws(EngineError) in
                try await engine.send(input)
                return CommandOutcome(succeeded: true)
            }
        }
    }

    func addStreams(to router: Router<BasicRequestContext>) {
        router.get("\(Route.watch)") { [engine] request, _ in
            try await streamed(request, as: FrameMaker()) { () throws(EngineError) in try await engine.snapshots() }
        }
        router.post("\(Route.followLogs)") { [engine] request, _ in
            try await streamed(request) { (query: LogQuery) throws(EngineError) in
                try await engine.followLogs(query)
            }
        }
        router.post("\(Route.followEvents)") { [engine] request, _ in
            try await streamed(request) { (query: EventQuery) throws(EngineError) in
                try await engine.followEvents(query)
            }
        }
        router.get("\(Route.terminal)/:name") { [engine] request, context in
            try await streamed(request, as: PlainLines()) { () throws(EngineError) in
                try await engine.terminal(try name(in: context))
            }
        }
    }
}

private func name(in context: BasicRequestContext) throws(EngineError) -> String {
    let name = context.parameters.get("name")?.removingPercentEncoding ?? ""
    guard !name.isEmpty, name.utf8.count <= RequestBounds.nameLength else {
        throw EngineError(.invalid, "the path does not end in a name")
    }
    return name
}
