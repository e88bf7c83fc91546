import CellGrid
import FleetModel
import Testing

@testable import FleetConsole

/// What supervision shows, at every usual size. `<`: Enter, `>`: Tab.
@Suite struct SupervisionGoldenTests {
    static let sizes: [(columns: Int, rows: Int)] = [(80, 24), (120, 40), (200, 60)]

    static let views: [(name: String, keys: String)] = [
        ("table", "jj"), ("table-status", ""), ("page", "<"), ("page-history", "jjH"), ("page-history-old", "jjHjj"),
        ("page-environment", "jje"), ("page-environment-secrets", "jjeVy"), ("port-menu", ":service search<p"),
        ("port-kill", ":port-kill search<"), ("scale-prompt", ":service worker-1<S"),
        ("scale-down", ":scale worker=1<"), ("act", ":service search<a"), ("strip-blocked", "jjjjjj"),
        ("strip-job", "G"),
    ]

    private func desk(_ keys: String, _ size: Int, glyphs: GlyphSet = .unicodeBraille, fleet: FleetSnapshot) -> Desk {
        var desk = Desk(columns: Self.sizes[size].columns, rows: Self.sizes[size].rows, glyphs: glyphs, fleet: fleet)
        for character in keys {
            switch character {
            case "<": desk.press(.enter)
            case ">": desk.press(.tab)
            default: desk.type(String(character))
            }
        }
        return desk
    }

    private func name(_ view: String, _ size: Int) -> String {
        "supervision-\(view)-\(Self.sizes[size].columns)x\(Self.sizes[size].rows)"
    }

    @Test(arguments: views.map(\.name), [0, 1, 2])
    func `every view of supervision looks as recorded`(view: String, size: Int) throws {
        let keys = try #require(Self.views.first { $0.name == view }).keys
        Golden.check(name(view, size), desk(keys, size, fleet: Sample.supervised).screen)
    }

    @Test(arguments: views.map(\.name))
    func `every view of supervision looks as recorded in ASCII`(view: String) throws {
        let keys = try #require(Self.views.first { $0.name == view }).keys
        let screen = desk(keys, 0, glyphs: .ascii, fleet: Sample.supervised).screen
        #expect(screen.unicodeScalars.allSatisfy { $0.isASCII })
        Golden.check("supervision-\(view)-80x24-ascii", screen)
    }

    @Test(arguments: ["table", "page", "page-history", "page-environment"])
    func `what colours say is said by attributes too`(view: String) throws {
        let keys = try #require(Self.views.first { $0.name == view }).keys
        let grid = ConsoleView.render(desk(keys, 0, fleet: Sample.supervised).state).grid
        Golden.check("supervision-\(view)-80x24-styles", Transcript.styles(grid))
        Golden.check("supervision-\(view)-80x24-mono", Transcript.mono(grid))
    }

    @Test(arguments: [("plan", Sample.plan, []), ("errors", [], Sample.manifestErrors)], [0, 1, 2])
    func `a changed manifest looks as recorded`(kind: (String, [String], [String]), size: Int) {
        let fleet = Sample.withReload(plan: kind.1, errors: kind.2)
        Golden.check(name("reload-banner-\(kind.0)", size), desk("", size, fleet: fleet).screen)
        Golden.check(name("reload-\(kind.0)", size), desk("L", size, fleet: fleet).screen)
        if size == 0 {
            Golden.check("supervision-reload-\(kind.0)-80x24-ascii", desk("L", 0, glyphs: .ascii, fleet: fleet).screen)
        }
    }

    @Test(arguments: [0, 1, 2])
    func `a stop in progress looks as recorded`(size: Int) {
        var desk = desk("Qk", size, fleet: Sample.supervised)
        desk.send(.snapshot(Sample.stopping))
        Golden.check(name("stopping", size), desk.screen)
        desk.press(.control("c"))
        Golden.check(name("stopping-killed", size), desk.screen)
    }

    @Test(arguments: [0, 1, 2])
    func `a lost engine looks as recorded`(size: Int) {
        var desk = desk("", size, fleet: Sample.supervised)
        desk.send(.connectionLost("connection reset"))
        Golden.check(name("lost", size), desk.screen)
        let grid = ConsoleView.render(desk.state).grid
        if size == 0 { Golden.check("supervision-lost-80x24-styles", Transcript.styles(grid)) }
    }
}
