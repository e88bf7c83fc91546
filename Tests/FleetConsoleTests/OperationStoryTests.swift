import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

@Suite struct PortStories {
    @Test func `p on a taken port names its owner, and k asks before it ends it`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("service search")
        desk.type("p")
        #expect(desk.screen.contains("port 8086 of search is taken:"))
        #expect(desk.screen.contains("pid 4711  /usr/sbin/nginx -g daemon off;"))
        desk.type("k")
        #expect(desk.taken().isEmpty)
        #expect(desk.screen.contains("end pid 4711 ?"))
        desk.press(.enter)
        #expect(desk.taken().isEmpty, "Cancel has the focus")
        desk.type("pky")
        #expect(desk.taken() == [.operate(.port(PortAction(.endOwner, service: "search", owner: ProcessID(4711))))])
    }

    @Test func `n takes the next free port and r tries again, without asking`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("service search")
        desk.type("pn")
        #expect(desk.taken() == [.operate(.port(PortAction(.move, service: "search")))])
        desk.type("pr")
        #expect(desk.taken() == [.operate(.port(PortAction(.retry, service: "search")))])
    }

    @Test func `the menu stays with its service when rows move below it`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("port search")
        var other = Sample.supervised
        other.services.reverse()
        desk.send(.snapshot(other))
        desk.type("n")
        #expect(desk.taken() == [.operate(.port(PortAction(.move, service: "search")))])
    }

    @Test func `an owner that nobody can name is not offered to be ended`() {
        var fleet = Sample.supervised
        let place = fleet.services.firstIndex { $0.id == "search" } ?? 0
        fleet.services[place].portConflict = PortConflict(port: 8086)
        var desk = Desk(fleet: fleet)
        desk.command("port search")
        #expect(desk.screen.contains("owner not known"))
        desk.type("k")
        #expect(desk.state.overlays.isEmpty)
        desk.command("port-kill search")
        #expect(desk.screen.contains("nobody can tell who has port 8086"))
        #expect(desk.taken().isEmpty)
    }

    @Test func `without a taken port there is nothing to do`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.type("p")
        #expect(desk.state.overlays.isEmpty)
        #expect(desk.screen.contains("no port of gateway is taken"))
    }
}

@Suite struct ScaleStories {
    @Test func `scaling up happens at once`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("scale worker=5")
        #expect(desk.taken() == [.operate(.scale(ScaleRequest(service: "worker", replicas: 5)))])
        #expect(desk.screen.contains("scale worker to 5"))
    }

    @Test func `scaling down lists who stops and asks`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("scale worker=1")
        #expect(desk.taken().isEmpty)
        #expect(desk.screen.contains("These stop:  worker-2 ●  worker-3 ◐"))
        desk.type("y")
        #expect(desk.taken() == [.operate(.scale(ScaleRequest(service: "worker", replicas: 1)))])
    }

    @Test func `the prompt begins with the present number of the selected service`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("service worker-2")
        desk.type("S")
        #expect(desk.screen.contains("scale> worker=3"))
        desk.press(.backspace)
        desk.type("4")
        desk.press(.enter)
        #expect(desk.taken() == [.operate(.scale(ScaleRequest(service: "worker", replicas: 4)))])
    }

    @Test(arguments: [
        ("scale worker=300", "300 replicas: a number from 0 to 256"), ("scale worker=-1", "-1 replicas"),
        ("scale worker=many", "many replicas"), ("scale nobody=2", "no service is called nobody"),
        ("scale worker=99999999999999999999", "a number from 0 to 256"), ("scale worker=1=2", "scale takes"),
    ])
    func `a wrong number or name is said and nothing is sent`(line: String, complaint: String) {
        var desk = Desk(columns: 160, rows: 40, fleet: Sample.supervised)
        desk.command(line)
        #expect(desk.taken().isEmpty)
        #expect(desk.screen.contains(complaint))
    }

    @Test func `the palette completes names with their present numbers`() {
        let desk = Desk(fleet: Sample.supervised)
        #expect(Palette("scale wor", desk.state).items.first?.argument == "worker=3")
        #expect(Palette("scale worker=2 gat", desk.state).items.first?.argument == "worker=2 gateway=1")
        #expect(Palette("scale worker=7", desk.state).items.map(\.argument) == ["worker=7"])
    }
}

@Suite struct ReloadStories {
    @Test func `a changed manifest is announced and its plan is applied after a yes`() {
        var desk = Desk(fleet: Sample.withReload(plan: Sample.plan))
        #expect(desk.screen.contains("the manifest was changed: 4 changes to apply  L shows it"))
        desk.type("L")
        #expect(desk.screen.contains("restart  users: command, environment"))
        desk.press(.enter)
        #expect(desk.taken().isEmpty, "Later has the focus")
        desk.type("Ly")
        #expect(desk.taken() == [.operate(.reload)])
    }

    @Test func `an ignored change is quiet until the manifest changes again`() {
        var desk = Desk(fleet: Sample.withReload(plan: Sample.plan))
        desk.type("Li")
        #expect(!desk.screen.contains("the manifest was changed"))
        desk.send(.snapshot(Sample.withReload(plan: Sample.plan)))
        #expect(!desk.screen.contains("the manifest was changed"))
        desk.send(.snapshot(Sample.withReload(plan: ["add billing"])))
        #expect(desk.screen.contains("the manifest was changed: 1 change to apply"))
        desk.type("Li")
        desk.send(.snapshot(Sample.supervised))
        desk.send(.snapshot(Sample.withReload(plan: ["add billing"])))
        #expect(desk.screen.contains("the manifest was changed"), "taken back and made again")
    }

    @Test func `an invalid manifest shows its errors with their places and cannot be applied`() {
        var desk = Desk(fleet: Sample.withReload(errors: Sample.manifestErrors))
        #expect(desk.screen.contains("has 2 errors; nothing is touched"))
        desk.type("L")
        #expect(desk.screen.contains("fleet.yaml:14:7: unknown key"))
        desk.type("y")
        desk.press(.tab, .enter)
        #expect(desk.taken().isEmpty)
        #expect(desk.state.announcedReload == nil, "the second button is Ignore")
    }

    @Test func `asked for without news, the plan is fetched`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("reload")
        #expect(desk.screen.contains("restart  users: command, environment"))
        #expect(!desk.screen.contains("[ Ignore ]"))
        desk.type("y")
        #expect(desk.taken() == [.operate(.reload)])
        #expect(!desk.state.wants.contains { $0.key == .reloadPlan })
    }

    @Test func `in the traces, where L unfolds, the banner names the other key`() {
        var desk = Desk(pane: .traces, fleet: Sample.withReload(plan: Sample.plan))
        #expect(desk.screen.contains("F5 shows it"))
        desk.press(.function(5))
        #expect(desk.screen.contains("reload ?"))
    }

    @Test(arguments: [
        (ReloadAnswer(steps: [], errors: [], isApplied: true), "reload: nothing differs"),
        (ReloadAnswer(errors: ["fleet.yaml:3:5: bad", "x", "y"]), "reload: fleet.yaml:3:5: bad (+2 more"),
        (
            ReloadAnswer(steps: [.init(service: "users", kind: .restart, fields: ["command"])], isApplied: true),
            "reload: restart users: command"
        ),
    ])
    func `the answer to a reload is told`(answer: ReloadAnswer, text: String) {
        var desk = Desk()
        desk.send(.operationFinished(.reload, .reload(answer)))
        #expect(desk.screen.contains(text))
    }

    @Test func `a long plan scrolls and never out of sight`() {
        let plan = (1...60).map { "restart service-\($0): command" }
        var desk = Desk(columns: 80, rows: 24, fleet: Sample.withReload(plan: plan))
        desk.type("L")
        for _ in 0..<100 { desk.press(.down) }
        #expect(desk.screen.contains("service-60"))
        for _ in 0..<100 { desk.press(.up) }
        #expect(desk.screen.contains("service-1:"))
    }
}
