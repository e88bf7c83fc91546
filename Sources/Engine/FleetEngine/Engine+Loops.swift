import FleetModel

/// What goes on beside the supervisor, from the start of the engine to its end.
extension Engine {
    var loops: [@Sendable () async -> Void] {
        let (board, logs, book) = (parts.board, parts.telemetry.logs, parts.book)
        return [
            { await board.run() },
            { await logs.run() },
            { for await roster in book.rosters() { logs.adopt(roster) } },
            { [figureLoop] in await figureLoop.run() },
            { [counterLoop] in await counterLoop.run() },
            { [scrapes] in await scrapes.run() },
            { [schedules] in await schedules.run() },
            { [memory] in await memory.run() },
            { [fileWatches] in await fileWatches?.run() },
            { [manifestWatch] in await manifestWatch?.run() },
        ]
    }

    var counterLoop: CounterLoop {
        CounterLoop(
            bell: parts.telemetry.bell,
            logs: parts.telemetry.logs,
            traces: parts.telemetry.traces,
            metrics: parts.telemetry.metrics,
            events: parts.journal.events,
            board: parts.board,
            clock: parts.clock
        )
    }

    private var figureLoop: FigureLoop {
        FigureLoop(
            book: parts.book,
            host: parts.host,
            metrics: parts.telemetry.metrics,
            evaluator: parts.telemetry.evaluator,
            rates: RateMeter(logs: parts.telemetry.logs, traces: parts.telemetry.traces),
            board: parts.board,
            clock: parts.clock
        )
    }

    private var scrapes: LoopKeeper<ServiceID, ScrapeLoop.Target> {
        LoopKeeper(book: parts.book, orders: ScrapeLoop.targets) { [parts, ports] service, target in
            let loop = ScrapeLoop(
                service: service,
                target: target,
                scraper: ports.scraper,
                metrics: parts.telemetry.metrics,
                board: parts.board,
                clock: parts.clock
            )
            await loop.run()
        }
    }

    private var schedules: LoopKeeper<ServiceName, ScheduleSpec> {
        LoopKeeper(book: parts.book, orders: ScheduleLoop.schedules) { [parts] service, schedule in
            let loop = ScheduleLoop(
                service: service,
                schedule: schedule,
                mailbox: parts.mailbox,
                board: parts.board,
                journal: parts.journal,
                clock: parts.clock
            )
            await loop.run()
        }
    }

    /// One loop for all, replaced when a limit changes.
    private var memory: LoopKeeper<Int, [ServiceID: Int]> {
        LoopKeeper(book: parts.book, orders: { [0: MemoryLoop.limits(of: $0)] }) { [parts] _, limits in
            await MemoryLoop(
                limits: limits,
                host: parts.host,
                mailbox: parts.mailbox,
                board: parts.board,
                clock: parts.clock
            ).run()
        }
    }

    private var fileWatches: LoopKeeper<ServiceName, [WatchRule]>? {
        guard let watcher = ports.files else { return nil }
        let state = run.stateDirectory
        return LoopKeeper(book: parts.book, orders: WatchLoop.rules) { [watches, parts] service, rules in
            let loop = WatchLoop(
                service: service,
                rules: rules,
                desk: watches,
                watcher: watcher,
                parts: parts,
                stateDirectory: state
            )
            await loop.run()
        }
    }

    private var manifestWatch: LoopKeeper<Int, ManifestLoop.Order>? {
        guard let watcher = ports.files, ports.manifest != nil else { return nil }
        return LoopKeeper(book: parts.book, orders: ManifestLoop.orders) { [reloads, parts] _, order in
            await ManifestLoop(order: order, desk: reloads, watcher: watcher, clock: parts.clock).run()
        }
    }
}
