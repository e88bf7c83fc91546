import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

/// xorshift64*: the same sequence on every machine.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 2_685_821_657_736_338_717
    }
}

@Suite struct PropertyTests {
    private static let keys: [Key] =
        Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"#$%&'()*+,-./:;<=>?@[]^_`{|}~é日").map {
            .character($0)
        }
        + [
            .enter, .escape, .tab, .backTab, .backspace, .delete, .up, .down, .left, .right, .home, .end, .pageUp,
            .pageDown,
        ]
        + "abcdefklnopuvwxyz".map { .control($0) } + [
            .alt("b"), .alt("f"), .paste("two\nlines\u{1B}[2J"), .function(1), .unknown, .focusIn,
        ]

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func `random keys and sizes never trap and every screen has the right size`(seed: UInt64) {
        var numbers = SeededNumbers(state: seed &* 7919)
        var desk = Desk()
        for round in 0..<400 {
            switch Int.random(in: 0..<20, using: &numbers) {
            case 0:
                let size = Size(
                    columns: .random(in: 0...220, using: &numbers),
                    rows: .random(in: 0...70, using: &numbers)
                )
                desk.send(.resized(size))
            case 1:
                let base = Bool.random(using: &numbers) ? Sample.snapshot : Sample.supervised
                desk.send(.snapshot(Self.mutated(base, &numbers)))
            case 2: desk.isConnected.toggle()
            case 3:
                desk.press(
                    .mouse(
                        MouseEvent(
                            .press(.left),
                            at: Point(
                                column: .random(in: 0...220, using: &numbers),
                                row: .random(in: 0...70, using: &numbers)
                            )
                        )
                    )
                )
            case 4: desk.send(.tick(Timestamp(nanoseconds: Sample.now.nanoseconds + Int64(round) * 400_000_000)))
            default: desk.press(Self.keys.randomElement(using: &numbers) ?? .enter)
            }
            let (grid, cursor) = ConsoleView.render(desk.state)
            #expect(grid.size == desk.state.screen.size)
            if let cursor { #expect(grid.bounds.contains(cursor)) }
            for row in 0..<grid.rows where grid.row(row).reduce(0, { $0 + Int($1.width) }) != grid.columns {
                Issue.record("row \(row) does not add up")
            }
            // A console that was told to go stays gone; begin again.
            if desk.state.isLeaving { desk = Desk() }
        }
    }

    /// Services that come and go, numbers at their limits, and names from hell.
    private static func mutated(_ snapshot: FleetSnapshot, _ numbers: inout SeededNumbers) -> FleetSnapshot {
        var snapshot = snapshot
        snapshot.services.removeAll { _ in Int.random(in: 0..<4, using: &numbers) == 0 }
        for index in snapshot.services.indices where Int.random(in: 0..<3, using: &numbers) == 0 {
            snapshot.services[index].state = ServiceState.allCases.randomElement(using: &numbers) ?? .ready
            snapshot.services[index].figures.rps =
                [nil, .nan, .infinity, -1, 1e300].randomElement(using: &numbers) ?? nil
            snapshot.services[index].figures.memoryBytes = [.max, 0, -5].randomElement(using: &numbers)
            snapshot.services[index].figures.p95History = [nil, .nan, -.infinity, 3]
            snapshot.services[index].restartAt = Timestamp(
                nanoseconds: [.max, .min, 0].randomElement(using: &numbers) ?? 0
            )
            snapshot.services[index].startedAt = Timestamp(
                nanoseconds: [.max, .min, 0].randomElement(using: &numbers) ?? 0
            )
            snapshot.services[index].portConflict =
                [nil, PortConflict(port: 1, pid: ProcessID(7), command: "x")]
                .randomElement(using: &numbers) ?? nil
            snapshot.services[index].nextRunAt =
                [nil, Timestamp(nanoseconds: .max)].randomElement(using: &numbers) ?? nil
            snapshot.services[index].watch =
                [nil, WatchStatus(triggers: 1, suspension: "x")]
                .randomElement(using: &numbers) ?? nil
            snapshot.services[index].statusText = ["", "\u{1B}[2J up"].randomElement(using: &numbers) ?? ""
            snapshot.services[index].hasTerminal = .random(using: &numbers)
            snapshot.services[index].memoryLimit = [nil, 0, .max, -3].randomElement(using: &numbers) ?? nil
            snapshot.services[index].reason =
                "evil \u{1B}[31m\u{202E}\u{7} \u{1F468}\u{200D}\u{1F469} " + String(repeating: "\u{301}", count: 30)
        }
        snapshot.sequence += 1
        snapshot.pendingReload =
            [nil, PendingReload(plan: Sample.plan), PendingReload(errors: Sample.manifestErrors)]
            .randomElement(using: &numbers) ?? nil
        snapshot.totals.lost = [0, 5, .max].randomElement(using: &numbers) ?? 0
        snapshot.totals.rps = [nil, .nan, 1e200].randomElement(using: &numbers) ?? nil
        return snapshot
    }

    @Test func `keys before the first snapshot are harmless`() {
        var numbers = SeededNumbers(state: 99)
        var state = ConsoleState(size: Size(columns: 80, rows: 24), glyphs: .ascii)
        for _ in 0..<600 {
            _ = ConsoleReducer.reduce(&state, .key(Self.keys.randomElement(using: &numbers) ?? .enter))
            #expect(ConsoleView.render(state).grid.size == state.screen.size)
            #expect(state.wants.isEmpty)
        }
    }

    @Test(arguments: Pane.allCases)
    func `an idle screen does not change while the clock runs within a minute`(pane: Pane) {
        var desk = Desk(columns: 200, rows: 60, pane: pane)
        var calm = Sample.snapshot
        // A countdown is not idle.
        for index in calm.services.indices where calm.services[index].state == .backoff {
            calm.services[index].state = .failed
        }
        desk.send(.snapshot(calm))
        let before = desk.screen
        for second in 1...10 {
            var later = calm
            later.sequence += second
            later.time = calm.time + .seconds(second)
            desk.send(.snapshot(later))
            desk.send(.tick(later.time))
        }
        #expect(desk.screen == before)
    }

    @Test func `hostile names and texts never reach a cell as control bytes`() {
        var snapshot = Sample.snapshot
        for index in snapshot.services.indices {
            snapshot.services[index].reason = "a\u{1B}[2Jb\u{9B}31m\u{7}"
            snapshot.services[index].command = "x\u{0}y\u{1B}]0;title\u{7}"
        }
        for pane in Pane.allCases {
            var desk = Desk(columns: 200, rows: 60, pane: pane)
            desk.send(.snapshot(snapshot))
            let hasControl = desk.screen.unicodeScalars.contains {
                $0 != "\n" && ($0.value < 0x20 || (0x7F..<0xA0).contains($0.value))
            }
            #expect(!hasControl, "\(pane)")
        }
    }
}
