import CellGrid
import FleetAPI
import FleetConsole
import FleetEngine
import FleetModel
import FleetTerminal
import Foundation

/// The console's thread: waits for keys, news and the next deadline; reduces; draws when something changed.
/// It owns the screen; everything that takes time happens elsewhere and comes back through the inbox.
struct ConsoleLoop {
    enum End: Sendable {
        /// The user left; the fleet runs on, or is already gone.
        case left
        /// The terminal went away.
        case hangup
        case terminated
    }

    private let screen: Screen
    private let inbox: ConsoleInbox
    private let fetcher: DataFetcher
    private let perform: (ConsoleEffect) -> Void
    private var state: ConsoleState
    /// The last snapshot, whether it was worth a frame or not.
    private var latest: FleetSnapshot?
    private var drawnRevision = -1
    private var lastFrame = ContinuousClock.now - .seconds(1)
    private var lastTick = ContinuousClock.now - .seconds(2)
    private var isLeaving = false
    private let clock = SystemClock()
    /// A signal that came while the terminal belonged to a service.
    private var ending: End?

    /// At most 30 frames a second; a key is answered at once.
    private static let frameSpacing = Duration.milliseconds(33)

    init(screen: Screen, inbox: ConsoleInbox, fetcher: DataFetcher, perform: @escaping (ConsoleEffect) -> Void) {
        self.screen = screen
        self.inbox = inbox
        self.fetcher = fetcher
        self.perform = perform
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        state = ConsoleState(size: screen.size, glyphs: screen.glyphs, secondsFromUTC: local.tm_gmtoff)
    }

    mutating func run() -> End {
        var fetchDue: Duration?
        while true {
            let ready = screen.wait(
                timeoutMilliseconds: timeout(fetchDue),
                extraDescriptors: [inbox.descriptor]
            )
            var hasKey = false
            if ready.input {
                for key in screen.readKeys() {
                    hasKey = true
                    reduce(key == .resize ? .resized(screen.size) : .key(key))
                }
            }
            for signal in screen.takeEndingSignals() { return signal == .hangup ? .hangup : .terminated }
            for input in inbox.take() where isNews(input) { reduce(input) }
            tick()
            if let ending { return ending }
            if isLeaving { return .left }
            fetchDue = fetcher.update(wants: state.wants, totals: totals)
            draw(atOnce: hasKey)
        }
    }

    private mutating func reduce(_ input: ConsoleInput) {
        for effect in ConsoleReducer.reduce(&state, input) {
            switch effect {
            case .leave: isLeaving = true
            case .copy(let text): _ = screen.copyToClipboard(text)
            case .bell: screen.bell()
            case .setMouse(let on): screen.setMouse(on)
            case .suspend: screen.suspend()
            case .redraw:
                screen.redraw()
                drawnRevision = -1
            case .connect(let service): connect(service)
            case .perform, .shutDown, .operate: perform(effect)
            }
        }
    }

    /// A program of its own has the terminal meanwhile, so that nothing it does to modes and signals stays here.
    private mutating func connect(_ service: ServiceID) {
        let manifest = latest?.manifestPath ?? ""
        let trouble = screen.withTerminalReleased { ConnectProgram.run(service, manifestPath: manifest) }
        drawnRevision = -1
        // Keys and Ctrl-c from before the service had the terminal in raw mode were not meant for the console.
        _ = screen.readKeys()
        let meant = screen.takeEndingSignals().filter { $0 != .interrupt && $0 != .quit }
        ending = ending ?? meant.first.map { $0 == .hangup ? .hangup : .terminated }
        reduce(.resized(screen.size))
        reduce(.disconnected(service, trouble))
    }

    /// A snapshot that differs only in the counters that lead to fetches would draw the same frame again.
    private mutating func isNews(_ input: ConsoleInput) -> Bool {
        guard case .snapshot(let snapshot) = input else { return true }
        defer { latest = snapshot }
        guard var before = latest else { return true }
        before.sequence = snapshot.sequence
        before.time = snapshot.time
        before.totals.nextLog = snapshot.totals.nextLog
        before.totals.spanCount = snapshot.totals.spanCount
        before.totals.scrapeCount = snapshot.totals.scrapeCount
        return before != snapshot
    }

    /// A frozen screen fetches nothing new.
    private var totals: FleetTotals {
        (state.fleet.isFrozen ? state.fleet.shown : latest)?.totals ?? FleetTotals()
    }

    private mutating func tick() {
        let now = ContinuousClock.now
        guard lastTick.duration(to: now) >= .seconds(1) else { return }
        lastTick = now
        reduce(.tick(clock.wallTime))
    }

    private mutating func draw(atOnce: Bool) {
        guard state.revision != drawnRevision else { return }
        let now = ContinuousClock.now
        guard atOnce || lastFrame.duration(to: now) >= Self.frameSpacing, screen.isReadyForOutput else { return }
        let (grid, cursor) = ConsoleView.render(state)
        screen.draw(grid, cursor: cursor)
        drawnRevision = state.revision
        lastFrame = now
    }

    /// Until the next tick, frame or fetch, whatever comes first.
    private func timeout(_ fetchDue: Duration?) -> Int {
        let now = ContinuousClock.now
        var wait = Duration.seconds(1) - lastTick.duration(to: now)
        if let fetchDue { wait = min(wait, fetchDue) }
        if state.revision != drawnRevision {
            wait = min(wait, max(.milliseconds(10), Self.frameSpacing - lastFrame.duration(to: now)))
        }
        return max(0, Int(wait.inSeconds * 1000) + 1)
    }
}
