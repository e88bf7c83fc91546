import FleetModel
import Testing

@testable import FleetSupervision

struct WatchDebouncerTests {
    private let sources = WatchRule(path: "/app/Sources", include: ["**/*.swift"], action: .rebuild)
    private let config = WatchRule(path: "/app/app.conf", action: .signal(1))
    private let all = WatchRule(path: "/app", ignore: ["Sources/", "logs/"], action: .restart)

    private func at(_ milliseconds: Int64) -> Moment { Moment(nanoseconds: milliseconds * 1_000_000) }

    @Test func `fifty saves are one trigger, when it has been quiet for 300 ms`() {
        var watch = WatchDebouncer([sources])
        for file in 0..<50 { watch.feed("/app/Sources/f\(file).swift", at: at(Int64(file))) }
        #expect(watch.nextDeadline == at(349))
        #expect(watch.fire(at: at(348)).isEmpty)
        let batches = watch.fire(at: at(349))
        #expect(
            batches == [.init(action: .rebuild, cause: "f0.swift and 49 others", path: "/app/Sources/f0.swift")]
        )
        #expect(watch.nextDeadline == nil)
        #expect(watch.fire(at: at(9999)).isEmpty)
        #expect(watch.status == WatchStatus(triggers: 1))
    }

    @Test func `endless saving is waited for two seconds at most`() {
        var watch = WatchDebouncer([sources])
        var fired: [Int64] = []
        for time in stride(from: Int64(0), to: 5000, by: 100) {
            if !watch.fire(at: at(time)).isEmpty { fired.append(time) }
            watch.feed("/app/Sources/a.swift", at: at(time))
        }
        #expect(fired == [2000, 4000])
    }

    @Test func `each rule has its own files and its own action`() {
        var watch = WatchDebouncer([sources, config, all])
        watch.feed("/app/app.conf", at: at(0))
        watch.feed("/app/Sources/readme.md", at: at(0))
        watch.feed("/elsewhere/a.swift", at: at(0))
        // The restart rule looks at the whole folder, the configuration included.
        #expect(watch.fire(at: at(300)).map(\.action) == [.signal(1), .restart])
        watch.feed("/app/Sources/a.swift", at: at(1000))
        watch.feed("/app/b.txt", at: at(1001))
        // A rebuild ends with a restart anyway.
        let batches = watch.fire(at: at(2000))
        #expect(batches.map(\.action) == [.rebuild])
        #expect(batches.map(\.cause) == ["a.swift"])
    }

    @Test func `the same action of two rules happens once`() {
        var watch = WatchDebouncer([all, WatchRule(path: "/app/web", action: .restart)])
        watch.feed("/app/web/index.html", at: at(0))
        #expect(watch.fire(at: at(300)).map(\.cause) == ["web/index.html"])
    }

    @Test func `a service that writes what it watches is suspended, visibly, until somebody says otherwise`() {
        var watch = WatchDebouncer([all])
        var fired = 0
        for round in 0..<20 {
            watch.feed("/app/out.html", at: at(Int64(round) * 1000))
            fired += watch.fire(at: at(Int64(round) * 1000 + 300)).count
        }
        #expect(fired == 10)
        #expect(watch.suspension == "more than 10 triggers within a minute, the last by out.html")
        #expect(watch.dropped == 9)
        #expect(watch.nextDeadline == nil)
        watch.resume()
        watch.feed("/app/out.html", at: at(21_000))
        #expect(watch.fire(at: at(21_300)).count == 1)
        #expect(watch.status == WatchStatus(triggers: 11))
    }

    @Test func `ten a minute, minute after minute, are a busy developer`() {
        var watch = WatchDebouncer([all])
        for round in 0..<100 {
            watch.feed("/app/a.c", at: at(Int64(round) * 6000))
            #expect(watch.fire(at: at(Int64(round) * 6000 + 300)).count == 1)
        }
    }

    @Test func `an overflow fires every rule, and a million files use no more than a thousand names`() {
        var watch = WatchDebouncer([sources, config])
        watch.feedOverflow(at: at(0))
        #expect(watch.fire(at: at(300)).map(\.cause) == ["many files", "many files"])
        for file in 0..<5000 { watch.feed("/app/Sources/f\(file).swift", at: at(1000)) }
        #expect(watch.fire(at: at(1300)).first?.cause == "f0.swift and more than 999 others")
    }

    @Test func `what tools write beside the sources is not looked at`() {
        let watch = WatchDebouncer([
            WatchRule(path: "/app/", ignore: ["*.log", "!keep.log", "!target/"], action: .restart)
        ])
        for path in [
            "/app/.git/index", "/app/node_modules/", "/app/sub/node_modules/x.js", "/app/.build/debug/a",
            "/app/.a.swift.swp", "/app/4913", "/app/a.c~", "/app/.#a.c", "/app/x.tmp", "/app/sub/__pycache__/a.pyc",
            "/app/a.log", "/elsewhere", "/application/a", "/app/.DS_Store", "/app/.hg/", "/app/.svn/x",
        ] {
            #expect(watch.ignores(path), "\(path)")
        }
        // A rule may take back what is ignored by default.
        for path in ["/app", "/app/", "/app/a.c", "/app/keep.log", "/app/target/out", "/app/git", "/app/tmp"] {
            #expect(!watch.ignores(path), "\(path)")
        }
    }

    @Test func `a rule for one file looks at it whatever its name`() {
        let filter = WatchFilter(WatchRule(path: "/app/state.tmp", include: ["*.c"], action: .restart))
        #expect(filter.accepts("/app/state.tmp"))
        #expect(!filter.accepts("/app/state.tmp.bak"))
        #expect(!filter.accepts("/app"))
    }
}
