import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

@Suite struct FindStories {
    @Test func `Enter before the hits are known goes to one when they come`() {
        var desk = Desk(pane: .logs)
        desk.isConnected = false
        desk.type("/charge ok")
        desk.press(.enter)
        #expect(desk.state.panes.logs.isFollowing)
        #expect(desk.screen.contains("find charge ok …"))
        desk.isConnected = true
        desk.send(.tick(Sample.now))
        #expect(!desk.state.panes.logs.isFollowing)
        #expect(desk.state.logWindow.selectedRecord?.message.contains("charge ok") == true)
        #expect(desk.screen.contains("12 of 12"))
    }

    @Test func `what the palette finds is gone to as well`() {
        var desk = Desk(pane: .logs)
        desk.command("find charge ok")
        #expect(desk.state.logWindow.selectedRecord?.message.contains("charge ok") == true)
    }

    @Test func `at the last hit n says where the others are`() {
        var desk = Desk(pane: .logs)
        desk.type("/charge ok")
        desk.press(.enter)
        desk.type("fn")
        #expect(desk.state.panes.logs.isFollowing)
        #expect(desk.screen.contains("no later hit; N goes to earlier ones"))
        desk.type("/")
        desk.press(.control("u"))
        desk.type("nowhere to be found")
        desk.press(.enter)
        #expect(desk.screen.contains("no line has nowhere to be found"))
    }

    @Test func `hits beyond what is loaded are not counted as none`() throws {
        var desk = Desk(pane: .logs)
        desk.isConnected = false
        desk.type("/lamp")
        for request in desk.state.wants {
            guard case .logs(var page) = Sample.answer(request) else { continue }
            page.matches = []
            page.previousMatch = 4
            desk.send(.loaded(request, .logs(page)))
        }
        #expect(desk.screen.contains("find lamp … hits"))
        #expect(!desk.screen.contains("0+"))
    }
}

@Suite struct InstantStories {
    @Test func `from an instant of a chart the log stops at its line`() throws {
        var desk = Desk(pane: .metrics)
        desk.type("chh")
        let time = try #require(desk.state.selection.time)
        desk.isConnected = false
        desk.type("gl")
        let seek = try #require(desk.state.wants.first { $0.key == .logSeek })
        guard case .logs(let query) = seek.query else { return }
        #expect(query.direction == .backward)
        #expect(query.limit == 1)
        #expect(query.filter.contains("until:"))
        var record = LogRecord(id: 18_100, time: time, service: "orders", message: "there")
        record.raw = "there"
        desk.send(.loaded(seek, .logs(LogPage(records: [record], matchingCount: 1))))
        #expect(desk.state.panes.logs.anchor == .line(18_100))
        desk.isConnected = true
        desk.send(.tick(Sample.now))
        let header = desk.screen.split(separator: "\n")[0]
        #expect(header.contains("@"))
        #expect(!header.contains("LIVE"))
        #expect(desk.screen.contains("PAUSED"))
        #expect(!desk.screen.contains("FOLLOW"))
        desk.type("0")
        #expect(desk.screen.contains("FOLLOW"))
        #expect(desk.screen.contains("LIVE"))
    }
}
