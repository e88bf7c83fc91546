import FleetEngine
import Foundation
import Synchronization
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct InotifyWatcherTests {
    private let place: WatchedPlace
    private let watcher = InotifyWatcher()

    init() throws { place = try WatchedPlace() }

    private func watch(
        _ names: String...,
        ignore: @escaping @Sendable (String) -> Bool = { _ in false }
    ) -> WatchRecorder {
        WatchRecorder(watcher.changes(below: names.map { $0.isEmpty ? place.path : place.at($0) }, ignore: ignore))
    }

    // MARK: What is a change

    @Test func `writing, creating, moving and removing are changes, reading and attributes are not`() async throws {
        try place.makeFolder("src/deep")
        try place.put("src/deep/main.swift")
        let seen = watch("")
        _ = try String(contentsOfFile: place.at("src/deep/main.swift"), encoding: .utf8)
        _ = try FileManager.default.contentsOfDirectory(atPath: place.at("src"))
        chmod(place.at("src/deep/main.swift"), 0o640)
        try #require(utimes(place.at("src/deep/main.swift"), nil) == 0)
        try place.put("marker")
        try await seen.saw(place.at("marker"))
        #expect(Set(seen.paths) == [place.at("marker")], "events come in order, so nothing else came before")
        try place.put("src/deep/main.swift", "more")
        try await seen.saw(place.at("src/deep/main.swift"))
        seen.forget()
        try place.move("src/deep/main.swift", "src/deep/other.swift")
        try await seen.saw(place.at("src/deep/other.swift"))
        #expect(seen.paths.first == place.at("src/deep/main.swift"))
        seen.forget()
        try place.remove("src/deep/other.swift")
        try await seen.saw(place.at("src/deep/other.swift"))
    }

    @Test func `a file that is open for writing is told when it is closed`() async throws {
        try place.put("log")
        let seen = watch("")
        let descriptor = open(place.at("log"), O_WRONLY | O_APPEND | O_CLOEXEC)
        _ = write(descriptor, "abc", 3)
        try place.put("marker")
        try await seen.saw(place.at("marker"))
        #expect(!seen.paths.contains(place.at("log")))
        close(descriptor)
        try await seen.saw(place.at("log"))
    }

    // MARK: Folders

    @Test func `what is put into a new folder at once is not missed, however deep`() async throws {
        let seen = watch("")
        for round in 0..<20 {
            try place.makeFolder("new-\(round)/a/b/c")
            try place.put("new-\(round)/a/b/c/file")
            try place.put("new-\(round)/top")
        }
        for round in 0..<20 {
            try await seen.saw(place.at("new-\(round)/a/b/c/file"))
            try await seen.saw(place.at("new-\(round)/top"))
        }
        seen.forget()
        try place.put("new-7/a/b/c/file", "later")
        try await seen.saw(place.at("new-7/a/b/c/file"))
    }

    @Test func `a folder that is moved in tells its files, one that is moved away is let go`() async throws {
        let outside = try WatchedPlace()
        try outside.makeFolder("lib/deep")
        try outside.put("lib/deep/a.c")
        let seen = watch("")
        try #require(rename(outside.at("lib"), place.at("lib")) == 0)
        try await seen.saw(place.at("lib/deep/a.c"))
        seen.forget()
        try #require(rename(place.at("lib"), outside.at("lib")) == 0)
        try await seen.saw(place.at("lib/"))
        try outside.put("lib/deep/a.c", "elsewhere")
        try place.put("marker")
        try await seen.saw(place.at("marker"))
        #expect(!seen.paths.contains { $0.hasSuffix("a.c") })
    }

    @Test func `a folder that is renamed goes on under its new name`() async throws {
        try place.makeFolder("old/deep")
        try place.put("old/deep/file")
        let seen = watch("")
        try place.move("old", "new")
        try await seen.saw(place.at("new/deep/file"))
        seen.forget()
        try place.put("new/deep/file", "more")
        try await seen.saw(place.at("new/deep/file"))
        #expect(!seen.paths.contains { $0.contains("/old/") })
    }

    @Test func `links in circles lead nowhere, and links to elsewhere are not followed`() async throws {
        let outside = try WatchedPlace()
        try outside.put("file")
        try place.makeFolder("src")
        try place.link("src/loop", to: place.path)
        try place.link("src/self", to: ".")
        try place.link("elsewhere", to: outside.path)
        let seen = watch("")
        try outside.put("file", "more")
        try place.put("src/loop/src/self/real")
        try await seen.saw(place.at("src/real"))
        #expect(!seen.paths.contains { $0.contains("loop") || $0.contains("elsewhere") })
        try place.link("late", to: "/no/such")
        try await seen.saw(place.at("late"))
    }

    // MARK: Roots

    @Test func `a single file is followed through an editor's renames`() async throws {
        try place.put("fleet.yaml")
        try place.put("other.yaml")
        let seen = watch("fleet.yaml")
        for round in 0..<5 {
            seen.forget()
            try place.put(".fleet.yaml.swp", "version \(round)")
            try place.move(".fleet.yaml.swp", "fleet.yaml")
            try await seen.saw(place.at("fleet.yaml"))
        }
        seen.forget()
        try place.put("fleet.yaml", "in place")
        try await seen.saw(place.at("fleet.yaml"))
        try place.put("other.yaml", "more")
        seen.forget()
        try place.remove("fleet.yaml")
        try await seen.saw(place.at("fleet.yaml"))
        #expect(Set(seen.paths) == [place.at("fleet.yaml")])
        seen.forget()
        try place.put("fleet.yaml", "again")
        try await seen.saw(place.at("fleet.yaml"))
    }

    @Test func `a root that is removed and made again is found again, and so is the folder above it`() async throws {
        try place.makeFolder("project/src")
        try place.put("project/src/a")
        let seen = watch("project/src")
        for doomed in ["project/src", "project"] {
            try place.remove(doomed)
            try await seen.saw(place.at("project/src/a"))
            seen.forget()
            try place.makeFolder("project/src")
            try place.put("project/src/a")
            try await seen.saw(place.at("project/src/a"))
            seen.forget()
            try place.put("project/src/b")
            try await seen.saw(place.at("project/src/b"))
            seen.forget()
        }
        try place.move("project", "aside")
        try await seen.saw(place.at("project/src"))
        seen.forget()
        try place.put("aside/src/b", "not here any more")
        try place.makeFolder("project/src")
        try place.put("project/src/c")
        try await seen.saw(place.at("project/src/c"))
        #expect(!seen.paths.contains(place.at("project/src/b")))
    }

    @Test func `a root that does not exist yet is waited for`() async throws {
        let seen = watch("a/b/c/file", "x/y")
        try place.makeFolder("a/b")
        try place.makeFolder("a/b/c")
        try place.put("a/b/c/file")
        try await seen.saw(place.at("a/b/c/file"))
        try place.makeFolder("x/y/z")
        try place.put("x/y/z/file")
        try await seen.saw(place.at("x/y/z/file"))
        #expect(seen.troubles.isEmpty)
    }

    @Test func `a root that is a link is followed to what it leads to`() async throws {
        try place.makeFolder("real")
        try place.put("real/config")
        try place.link("config", to: "real/config")
        try place.link("folder", to: "real")
        let seen = watch("config", "folder/")
        try place.put("real/config", "more")
        try await seen.saw(place.at("config"))
        try await seen.saw(place.at("folder/config"))
        seen.forget()
        // As Kubernetes replaces what it mounts.
        try place.put("real/next")
        try place.link("config.new", to: "real/next")
        try place.move("config.new", "config")
        try await seen.saw(place.at("config"))
        try await seen.saw(place.at("folder/next"))
        seen.forget()
        try place.put("real/next", "more")
        try await seen.saw(place.at("config"))
    }

    @Test func `overlapping roots tell a change once each at most`() async throws {
        try place.makeFolder("src/deep")
        let seen = watch("", "src", "src/deep/file")
        try place.put("src/deep/file")
        try place.put("marker")
        try await seen.saw(place.at("marker"))
        // Created and closed; by the folder and by the single file.
        #expect(seen.paths.count { $0 == place.at("src/deep/file") } <= 4)
        #expect(seen.paths.contains(place.at("src/deep/file")))
    }

    // MARK: Ignoring

    @Test func `an ignored folder takes no watch, an ignored file tells nothing`() async throws {
        try place.makeFolder("src")
        try place.makeFolder("node_modules/left-pad/lib")
        let added = Mutex<[String]>([])
        var calls = InotifyCalls()
        let add = calls.add
        calls.add = { descriptor, path, mask in
            added.withLock { $0.append(path) }
            return add(descriptor, path, mask)
        }
        let place = place
        let stream = InotifyWatcher(calls: calls).changes(below: [place.path]) { path in
            path.hasSuffix("/node_modules/") || path.hasSuffix(".log")
        }
        let seen = WatchRecorder(stream)
        try place.put("node_modules/left-pad/lib/index.js")
        try place.put("src/debug.log")
        try place.makeFolder("src/node_modules/x")
        try place.put("src/node_modules/x/y")
        try place.put("src/main.swift")
        try await seen.saw(place.at("src/main.swift"))
        #expect(Set(seen.paths) == [place.at("src/main.swift")])
        #expect(!added.withLock { $0.contains { $0.contains("node_modules") } })
    }
}
