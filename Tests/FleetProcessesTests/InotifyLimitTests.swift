import CPlatform
import FleetEngine
import Foundation
import Synchronization
import Testing

@testable import FleetProcesses

/// What happens when there is too little of something.
@Suite(.timeLimit(.minutes(10)))
struct InotifyLimitTests {
    private let place: WatchedPlace

    init() throws { place = try WatchedPlace() }

    @Test func `out of watches, the setting is named once and the rest is watched on`() async throws {
        for name in ["a", "b", "c", "d"] { try place.makeFolder(name) }
        var calls = InotifyCalls()
        let add = calls.add
        calls.add = { descriptor, path, mask in
            path.hasSuffix("/b") || path.hasSuffix("/c") ? -ENOSPC : add(descriptor, path, mask)
        }
        let seen = WatchRecorder(InotifyWatcher(calls: calls).changes(below: [place.path]) { _ in false })
        try place.put("top")
        try await seen.saw(place.at("top"))
        #expect(seen.troubles.count == 1)
        let trouble = try #require(seen.troubles.first)
        #expect(trouble.contains("is not watched: the limit of watches is reached"))
        #expect(trouble.contains("fs.inotify.max_user_watches"))
        let limit = try #require(SmallFile.text("/proc/sys/fs/inotify/max_user_watches")?.split(separator: "\n").first)
        #expect(trouble.contains("(now \(limit))"))
    }

    @Test func `a folder that may not be read is told, one that vanished is not`() async throws {
        for name in ["secret", "fleeting", "plain"] { try place.makeFolder(name) }
        var calls = InotifyCalls()
        let add = calls.add
        calls.add = { descriptor, path, mask in
            switch path.split(separator: "/").last {
            case "secret": -EACCES
            case "fleeting": -ENOENT
            default: add(descriptor, path, mask)
            }
        }
        let seen = WatchRecorder(InotifyWatcher(calls: calls).changes(below: [place.path]) { _ in false })
        try place.put("plain/file")
        try await seen.saw(place.at("plain/file"))
        #expect(seen.troubles == ["\(place.at("secret")) is not watched: Permission denied"])
    }

    @Test func `out of instances, the stream says so and stays open`() async throws {
        let isFull = Mutex(true)
        var calls = InotifyCalls()
        let open = calls.open
        calls.open = { isFull.withLock { $0 } ? -EMFILE : open() }
        let watcher = InotifyWatcher(calls: calls)
        let first = WatchRecorder(watcher.changes(below: [place.path]) { _ in false })
        try await eventually(within: .seconds(60)) { !first.troubles.isEmpty }
        #expect(first.troubles.first?.contains("fs.inotify.max_user_instances") == true)
        isFull.withLock { $0 = false }
        let second = WatchRecorder(watcher.changes(below: [place.path]) { _ in false })
        try place.put("file")
        try await second.saw(place.at("file"))
        #expect(first.paths.isEmpty)
    }

    @Test func `more events than the kernel keeps become an overflow, after which everything is watched again`()
        async throws
    {
        let limit = SmallFile.text("/proc/sys/fs/inotify/max_queued_events")
            .flatMap { Int($0.split(separator: "\n").first ?? "") }
        let events = try #require(limit)
        try place.makeFolder("noise")
        try place.put("gate")
        // The reader is held in here while the kernel's queue fills.
        let isHeld = Mutex(false)
        let waits = DispatchSemaphore(value: 0)
        let gate = place.at("gate")
        let watcher = InotifyWatcher()
        let seen = WatchRecorder(
            watcher.changes(below: [place.path]) { path in
                if path == gate, isHeld.withLock({ $0 }) { waits.wait() }
                return false
            }
        )
        isHeld.withLock { $0 = true }
        try place.put("gate", "hold")
        // Each file: created, closed, removed.
        for number in 0..<(events / 3 + 1_000) {
            try place.put("noise/\(number)")
            unlink(place.at("noise/\(number)"))
        }
        try place.makeFolder("late/deep")
        isHeld.withLock { $0 = false }
        for _ in 0..<8 { waits.signal() }
        try await eventually(within: .seconds(60)) { seen.all.contains(.overflow) }
        // The first overflow may be the consumer's own, told while the kernel's has yet to be read.
        try await eventually(within: .seconds(60)) {
            try place.put("late/deep/file")
            return seen.paths.contains(place.at("late/deep/file"))
        }
        seen.stop()
    }

    @Test func `a consumer that does not keep up learns that it lost something`() async throws {
        let watcher = InotifyWatcher(calls: InotifyCalls(), bufferLimit: 8)
        let slow = watcher.changes(below: [place.path]) { _ in false }
        let quick = WatchRecorder(watcher.changes(below: [place.path]) { _ in false })
        for number in 0..<200 { try place.put("file-\(number)") }
        try place.put("marker")
        try await eventually(within: .seconds(60)) {
            quick.paths.contains(place.at("marker")) || quick.all.contains(.overflow)
        }
        // The reader has caught up: what it tells from now on does not keep pace with the slow one.
        try await eventually(within: .seconds(60)) {
            try place.put("last")
            return quick.paths.contains(place.at("last"))
        }
        var found = 0
        for await change in slow {
            found += 1
            if change == .overflow { break }
        }
        #expect(found <= 20, "of some four hundred")
    }

    @Test func `several consumers share one instance, each with what it asked for`() async throws {
        try place.makeFolder("src")
        let opened = Mutex(0)
        var calls = InotifyCalls()
        let open = calls.open
        calls.open = {
            opened.withLock { $0 += 1 }
            return open()
        }
        let watcher = InotifyWatcher(calls: calls)
        let all = WatchRecorder(watcher.changes(below: [place.path]) { _ in false })
        let some = WatchRecorder(watcher.changes(below: [place.at("src")]) { $0.hasSuffix(".log") })
        try place.put("src/a.log")
        try place.put("src/b")
        try await some.saw(place.at("src/b"))
        try await all.saw(place.at("src/b"))
        #expect(Set(some.paths) == [place.at("src/b")])
        #expect(all.paths.contains(place.at("src/a.log")))
        some.stop()
        all.forget()
        try place.put("src/c")
        try await all.saw(place.at("src/c"))
        #expect(opened.withLock { $0 } == 1)
    }

    @Test func `the descriptor is closed when the last consumer has gone`() async throws {
        // A pipe stands for the instance: its writing end tells when the reading end is closed.
        var ends: [Int32] = [-1, -1]
        try #require(fleet_pipe(&ends, 0) == 0)
        let (reading, writing) = (ends[0], ends[1])
        defer { close(writing) }
        let removed = Mutex<[Int32]>([])
        let calls = InotifyCalls(
            open: { reading },
            add: { _, path, _ in Int32(path.utf8.count) },
            remove: { _, watch in removed.withLock { $0.append(watch) } }
        )
        func isClosed() -> Bool {
            var state = pollfd(fd: writing, events: 0, revents: 0)
            return poll(&state, 1, 0) == 1 && state.revents & Int16(POLLERR) != 0
        }
        let watcher = InotifyWatcher(calls: calls)
        let first = WatchRecorder(watcher.changes(below: [place.path]) { _ in false })
        // This one is never read, only dropped.
        _ = watcher.changes(below: [place.path]) { _ in false }
        #expect(!isClosed())
        first.stop()
        try await eventually(within: .seconds(60), isClosed)
        #expect(!removed.withLock { $0.isEmpty })
    }

    @Test func `watching again and again uses nothing up`() async throws {
        let limit = SmallFile.text("/proc/sys/fs/inotify/max_user_instances")
            .flatMap { Int($0.split(separator: "\n").first ?? "") }
        let rounds = min(try #require(limit), 1_000) + 50
        let watcher = InotifyWatcher()
        for round in 0..<rounds {
            let seen = WatchRecorder(watcher.changes(below: [place.path]) { _ in false })
            if round % 50 == 0 {
                try place.put("file-\(round)")
                try await seen.saw(place.at("file-\(round)"))
            }
            #expect(seen.troubles.isEmpty)
            seen.stop()
            try await eventually(within: .seconds(60)) { !watcher.isWatching }
        }
    }

    @Test func `events are read as the kernel packs them, and a cut one ends the reading`() {
        func event(_ watch: Int32, _ mask: UInt32, _ name: [UInt8]) -> [UInt8] {
            withUnsafeBytes(of: watch) { Array($0) } + withUnsafeBytes(of: mask) { Array($0) } + [0, 0, 0, 0]
                + withUnsafeBytes(of: UInt32(name.count)) { Array($0) } + name
        }
        let bytes = event(3, 0x100, Array("abc\0\0\0\0\0".utf8)) + event(-1, 0x4000, []) + event(4, 8, [0xFF, 0, 0, 0])
        let whole = bytes.withUnsafeBytes { InotifyEvent.events(in: $0) }
        #expect(whole.map(\.watch) == [3, -1, 4])
        #expect(whole.map(\.name) == ["abc", "", "\u{FFFD}"])
        for length in 0..<bytes.count {
            #expect(bytes.prefix(length).withUnsafeBytes { InotifyEvent.events(in: $0) }.count < 3)
        }
    }
}
