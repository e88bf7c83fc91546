import FleetModel
import Testing

@testable import FleetSupervision

struct JobTests {
    private func job(
        _ trigger: ScheduleSpec.Trigger? = nil,
        _ overlap: ScheduleSpec.Overlap = .skip,
        restart: RestartPolicy.Mode = .no
    ) -> ServiceSpec {
        service("job", restart: restart) {
            $0.kind = .job
            $0.schedule = trigger.map { ScheduleSpec(trigger: $0, overlap: overlap) }
        }
    }

    @Test(arguments: RestartPolicy.Mode.allCases)
    func `a job that has done its work is done, whatever its policy`(mode: RestartPolicy.Mode) {
        #expect(Story.play([job(restart: mode)], "up job.gone0 +600s ?job") == "spawn(job#1) job=exited")
    }

    @Test(arguments: [
        (RestartPolicy.Mode.no, "spawn(job#1) job=failed job=failed"),
        (.onFailure, "spawn(job#1) job=backoff spawn(job#2) job=running"),
        (.always, "spawn(job#1) job=backoff spawn(job#2) job=running"),
    ])
    func `a failed job follows its policy`(mode: RestartPolicy.Mode, expected: String) {
        #expect(Story.play([job(restart: mode)], "up job.gone1 ?job +1s ?job") == expected)
    }

    @Test(arguments: [
        // An interval counts from a first run at the start.
        (
            "up ?job job.gone0 due:job ?job job.gone1 due:job ?job",
            "spawn(job#1) job=running spawn(job#2) job=running spawn(job#3) job=running"
        ),
        ("up due:job ?job", "spawn(job#1) job=running"),
        // Not before anybody wanted it, nor after it was stopped.
        ("due:job ?job", "job=idle"), ("up stop:job job.gone0 due:job ?job", "spawn(job#1) TERM(job#1) job=idle"),
        ("up down due:job job.gone0 ?job", "spawn(job#1) TERM(job#1) job=idle"), ("up due:ghost", "spawn(job#1)"),
        ("up job.gone0 due:job due:job job.gone0 ?job", "spawn(job#1) spawn(job#2) job=exited"),
    ])
    func `a scheduled job runs when its time has come`(script: String, expected: String) {
        #expect(Story.play([job(.interval(.seconds(60)))], script) == expected)
    }

    @Test func `runs do not overlap, and one that is left out is told`() {
        var story = Story([job(.interval(.seconds(60)))])
        story.play("up due:job")
        #expect(story.records.last == "job [skipped warning] a run is skipped: the last one is still going")
    }

    @Test func `overlap restart ends the last run first, tree and all`() {
        var story = Story([job(.interval(.seconds(60)), .restart)])
        story.play("up due:job job.exit0 ?job due:job job.empty ?job")
        #expect(story.news() == "spawn(job#1) TERM(job#1) job=stopping spawn(job#2) job=running")
        #expect(story.records.last == "job [spawned] started, pid 102 (schedule)")
        #expect(story.machine["job"]?.restarts == 0)
    }

    @Test func `a job with times waits for them, and says so`() {
        var story = Story([job(.cron("0 3 * * *")), service("web", needs: [needs("job", .completedSuccessfully)])])
        story.play("up +3s ?job ?web")
        #expect(story.news() == "job=idle web=waiting")
        #expect(story.machine["job"]?.reason == "runs by its schedule")
        #expect(story.machine["job"]?.wanted == .up)
        #expect(
            story.machine.why("job", at: story.now) == "job waits for the next time of its schedule, for 3s so far"
        )
        story.play("due:job ?job job.gone0 ?job ?web due:job ?job")
        #expect(story.news() == "spawn(job#1) job=running spawn(web#1) job=exited web=running spawn(job#2) job=running")
        #expect(story.machine.nextDeadline == nil)
    }

    @Test(arguments: [
        ("up stop:job ?job due:job ?job", "job=idle job=idle"), ("start:job ?job", "spawn(job#1) job=running"),
        ("up start:job job.gone1 due:job", "spawn(job#1) spawn(job#2)"), ("up restart:job", "spawn(job#1)"),
        ("up down ?job", "job=idle"), ("up save:job", "spawn(job#1)"),
    ])
    func `the operator runs it whenever he likes`(script: String, expected: String) {
        #expect(Story.play([job(.cron("0 3 * * *"))], script) == expected)
    }

    @Test func `a retry in back-off is overtaken by the next time`() {
        let spec = job(.interval(.seconds(60)), restart: .onFailure)
        #expect(
            Story.play([spec], "up job.gone1 ?job due:job ?job") == "spawn(job#1) job=backoff spawn(job#2) job=running"
        )
    }

    @Test func `a run that cannot start yet is not asked for twice`() {
        let fleet = [
            service("db", readiness: true),
            service("job", needs: [needs("db", .healthy)]) {
                $0.kind = .job
                $0.schedule = ScheduleSpec(trigger: .interval(.seconds(60)))
            },
        ]
        var story = Story(fleet)
        story.play("up due:job db.pass")
        #expect(story.news() == "spawn(db#1) spawn(job#1)")
        #expect(story.records.contains("job [skipped warning] a run is skipped: the last one has not started yet"))
    }

    @Test func `a schedule that the manifest takes away or gives counts at once`() {
        var story = Story([job(.cron("0 3 * * *"))])
        story.play("up")
        story.reload([job()])
        story.play("job.gone0 due:job ?job")
        #expect(story.news() == "spawn(job#1) spawn(job#2) job=running")
    }

    @Test func `a service has no times`() {
        #expect(Story.play([service("job")], "up job.gone0 due:job ?job") == "spawn(job#1) job=exited")
    }
}
