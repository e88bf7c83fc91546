import FleetModel
import Testing

@testable import FleetSupervision

/// Failures whose cause lies beside the exit status: memory, ports of others.
struct FailureTests {
    private func web(
        _ mode: RestartPolicy.Mode = .onFailure,
        _ change: (inout ServiceSpec) -> Void = { _ in }
    ) -> ServiceSpec {
        service("a", restart: mode) {
            $0.ports = [PortSpec(name: "http", number: 3001)]
            change(&$0)
        }
    }

    // MARK: - Memory

    @Test func `a service above its memory is restarted like one that fails`() {
        var story = Story([service("a")])
        story.play("up +9s a.fat ?a a.fat a.gone0 ?a +500ms ?a")
        #expect(story.news() == "spawn(a#1) TERM(a#1) a=stopping a=backoff spawn(a#2) a=running")
        #expect(story.records[1] == "a [restarting warning] memory 600 MiB above its limit of 512 MiB; stopping it")
        #expect(story.machine["a"]?.restarts == 1)
        #expect(story.notes.contains { $0.endCause == "memory 600 MiB above its limit of 512 MiB" })
        #expect(Story.play([service("a", restart: .no)], "up a.fat a.gone0 ?a").hasSuffix("a=failed"))
        #expect(Story.play([service("a")], "up a.gone1 +1s old:a.fat ?a").hasSuffix("a=running"))
        #expect(Story.play([service("a")], "a.fat ?a") == "a=idle")
    }

    @Test func `amounts of memory are read at a glance`() {
        #expect(
            [0, 900, 1024, 1536, 600 << 20, 1 << 30, 3 << 29, 1 << 41, -5].map(\.spokenBytes) == [
                "0 B", "900 B", "1 KiB", "1.5 KiB", "600 MiB", "1 GiB", "1.5 GiB", "2 TiB", "0 B",
            ]
        )
        #expect(Int.max.spokenBytes == "8388608 TiB")
    }

    // MARK: - Ports

    @Test func `a failure behind which a port is taken waits for the port and is not counted`() throws {
        var story = Story([web()])
        story.play("up a.gone1 ?a a.taken ?a")
        #expect(story.news() == "spawn(a#1) ports?(a#1) a=backoff a=blocked")
        let status = try #require(story.machine["a"])
        #expect(status.reason == "port 3001 is taken by pid 912 (nginx); trying again")
        #expect(status.portConflict == PortConflict(port: 3001, pid: ProcessID(912), command: "nginx"))
        #expect(status.attempt == 0 && status.restarts == 0)
        #expect(
            story.machine.why("a", at: story.now) == "a is blocked for 0ms: port 3001 is taken by pid 912 (nginx);"
                + " it starts when the port is free; next try in 1s"
        )
        story.play("+1s ?a")
        #expect(story.news() == "spawn(a#2) a=running")
        #expect(story.machine["a"]?.portConflict == nil)
    }

    @Test func `the owner that stays makes the tries rarer, a life that lasts makes them quick again`() throws {
        var story = Story([web()])
        story.play("up")
        var pauses: [Duration] = []
        for _ in 0..<6 {
            story.play("a.gone1 a.taken")
            let next = try #require(story.machine["a"]?.restartAt)
            pauses.append(story.now.distance(to: next))
            story.play("+10s")
        }
        // The last life lasted 10 s less its pause, so that only the last, of 0 s, breaks no row.
        #expect(pauses.first == .seconds(1))
        #expect(pauses == [1, 2, 4, 8, 10, 10].map { Duration.seconds($0) })
        #expect(story.machine["a"]?.isCrashLooping == false)
        story.play("+11s a.gone1 a.taken")
        #expect(story.machine["a"]?.restartAt == story.now + .seconds(1))
    }

    @Test(arguments: [
        // Nobody has it: back-off as usual.
        ("up a.gone1 a.free ?a", "a=backoff"),
        // Too late, or of another life.
        ("up a.gone1 +1s a.taken ?a", "spawn(a#2) a=running"),
        ("up a.gone1 stop:a a.taken ?a", "a=idle"), ("up a.gone1 restart:a a.taken ?a", "spawn(a#2) a=running"),
        ("up a.gone1 a.taken stop:a ?a +60s", "a=idle"), ("up a.gone1 a.taken restart:a ?a", "spawn(a#2) a=running"),
    ])
    func `the answer counts only while somebody waits for it`(script: String, expected: String) {
        #expect(Story.play([web()], script) == "spawn(a#1) ports?(a#1) " + expected)
    }

    @Test func `nobody asks after a success, without ports, or when it was stopped`() {
        #expect(Story.play([web()], "up a.gone0") == "spawn(a#1)")
        #expect(Story.play([service("a")], "up a.gone1") == "spawn(a#1)")
        #expect(Story.play([web()], "up stop:a a.gone1") == "spawn(a#1) TERM(a#1)")
    }

    @Test func `one that gave up waits for the port, one that is not to be restarted says whose it is`() {
        var story = Story([web { $0.restart.maxRestarts = 1 }])
        story.play("up a.gone1 +1s a.gone1 ?a a.taken ?a +1s ?a")
        #expect(story.news().hasSuffix("a=failed a=blocked spawn(a#3) a=running"))
        var final = Story([web(.no)])
        final.play("up a.gone1 a.taken ?a")
        #expect(final.news() == "spawn(a#1) ports?(a#1) a=failed")
        #expect(
            final.machine["a"]?.reason
                == "exit 1 after 0ms; restart: no; port 3001 is taken by pid 912 (nginx)"
        )
    }

    @Test func `a spawn that a taken port prevents shows whose it is`() throws {
        var story = Story([web()])
        story.answersSpawns = false
        story.play("up")
        let conflict = PortConflict(port: 3001, pid: nil, command: "")
        story.send(.spawnFailed("a", Incarnation(1), reason: conflict.text, isBlocked: true, conflict: conflict))
        #expect(story.machine["a"]?.portConflict == conflict)
        #expect(story.machine["a"]?.reason == "port 3001 is taken; trying again")
        story.play("+1s")
        // It is being tried; until the answer it is as blocked as before.
        #expect(story.machine["a"]?.portConflict == conflict)
        story.play("a.up")
        #expect(story.machine["a"]?.portConflict == nil)
    }
}
