import FleetModel
import Testing

@testable import FleetSupervision

/// `fleet why`: one sentence for each situation, with its age and with what would change it; the reason in the table is
/// the same without ages.
struct WhyTests {
    private func web(_ change: (inout ServiceSpec) -> Void = { _ in }) -> ServiceSpec {
        service("web", { change(&$0) })
    }

    private func why(_ fleet: [ServiceSpec], _ script: String, _ id: ServiceID = "web") -> String {
        var story = Story(fleet)
        story.play(script)
        return story.machine.why(id, at: story.now)
    }

    @Test func `what nobody started, stopped or disabled`() {
        #expect(why([web()], "") == "web was not started")
        #expect(why([web()], "up stop:web web.gone0 +65s") == "web was stopped 1m05s ago")
        let off = web { $0.isEnabled = false }
        #expect(why([off], "up") == "web is disabled in the manifest; it starts only when it is named")
        // Named, and stopped again.
        #expect(why([off], "start:web stop:web web.gone0").hasPrefix("web is disabled"))
        #expect(why([web()], "", "ghost") == "there is no ghost")
    }

    @Test func `what has ended, and what brings it back`() {
        #expect(why([web()], "up web.gone0 +3s") == "web ended 3s ago: exit 0 after 0ms")
        let job = web {
            $0.kind = .job
            $0.schedule = ScheduleSpec(trigger: .interval(.seconds(60)))
        }
        #expect(why([job], "up web.gone0 +3s") == "web ended 3s ago: exit 0 after 0ms; its schedule runs it again")
        #expect(
            why([service("web", restart: .no)], "up web.gone2 +3s")
                == "web failed 3s ago: exit 2 after 0ms; restart: no"
        )
    }

    @Test func `what is skipped, for whom`() {
        let fleet = [service("bus", restart: .no), service("web", needs: [needs("bus", .healthy)])]
        #expect(
            why(fleet, "up bus.gone1 web.gone1 +9s") == "web is skipped for 8.5s: bus failed: exit 1 after 0ms;"
                + " restart: no; it starts by itself when that has changed"
        )
    }

    @Test func `a crash loop is called one`() {
        #expect(
            why([web()], "up web.gone1 +500ms web.gone1 +1s web.gone1")
                == "web starts again in 2s: exit 1 after 0ms; restart #3 (crash loop, 3 failures in a row)"
        )
    }

    @Test(arguments: [
        ("up stop:web +1s", "web is stopping for 1s: SIGTERM sent; next step in 9s"),
        ("up restart:web", "web is stopping for 0ms: SIGTERM sent; next step in 10s; then it starts again"),
        (
            "up web.fat",
            "web is stopping for 0ms: SIGTERM sent; next step in 10s, because memory 600 MiB above its limit of 512 MiB"
        ),
        ("up scale:web=0", "web is stopping for 0ms: SIGTERM sent; next step in 10s; then it is removed"),
        ("up stop:web +10s", "web is stopping for 10s: SIGKILL sent; next step in 2s"),
    ])
    func `what is being stopped, why and what comes next`(script: String, sentence: String) {
        #expect(why([web()], script) == sentence)
    }

    @Test func `no reason in the table carries an age`() {
        let fleet = [
            service("bus", readiness: true), service("web", needs: [needs("bus", .healthy, timeout: .seconds(90))]),
            service("job") { $0.build = .shell("make") }, service("port"),
        ]
        var story = Story(fleet)
        story.play("up bus.fail port.gone1 +1s")
        let before = story.machine.instances.map(\.reason)
        story.play("+20s")
        #expect(story.machine.instances.filter { $0.id != "port" }.map(\.reason) == before.dropLast())
    }
}
