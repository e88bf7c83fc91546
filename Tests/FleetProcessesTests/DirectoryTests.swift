import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

struct DirectoryTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    @Test func `every spelling of a manifest finds the same folders`() throws {
        try FileManager.default.createDirectory(atPath: "\(folder.path)/shop", withIntermediateDirectories: true)
        let manifest = try folder.write("shop/fleet.yaml", "")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/link",
            withDestinationPath: "\(folder.path)/shop"
        )
        let environment = ["XDG_STATE_HOME": "\(folder.path)/state"]
        let straight = FleetDirectories(manifestPath: manifest, environment: environment)
        #expect(FleetDirectories(manifestPath: "\(folder.path)/link/fleet.yaml", environment: environment) == straight)
        #expect(
            FleetDirectories(manifestPath: "\(folder.path)/shop/../shop/fleet.yaml", environment: environment)
                == straight
        )
        #expect(FleetDirectories(manifestPath: "\(folder.path)/other.yaml", environment: environment) != straight)
        #expect(straight.stateDirectory.hasPrefix("\(folder.path)/state/fleet/shop-"))
    }

    @Test func `a manifest that does not exist yet has folders too, the same as later`() throws {
        let early = FleetDirectories(manifestPath: "\(folder.path)/fleet.yaml", environment: [:])
        _ = try folder.write("fleet.yaml", "")
        #expect(FleetDirectories(manifestPath: "\(folder.path)/fleet.yaml", environment: [:]) == early)
    }

    @Test func `a runtime folder that is not there, not ours or too long falls back to tmp`() throws {
        let fallback = "/tmp/fleet-\(geteuid())/"
        for runtime in ["/no/such/folder", "relative", "\(folder.path)/\(String(repeating: "long", count: 20))"] {
            try? FileManager.default.createDirectory(atPath: runtime, withIntermediateDirectories: false)
            let directories = FleetDirectories(manifestPath: "/x/fleet.yaml", environment: ["XDG_RUNTIME_DIR": runtime])
            #expect(directories.runtimeDirectory.hasPrefix(fallback))
            #expect(directories.socketPath.utf8.count <= 100)
        }
        try? FileManager.default.removeItem(atPath: "relative")
    }

    @Test func `state goes below the home when nothing else is said, and to tmp without one`() {
        let home = FleetDirectories(manifestPath: "/x/fleet.yaml", environment: ["HOME": "/home/me"])
        #expect(home.stateDirectory.hasPrefix("/home/me/.local/state/fleet/x-"))
        let none = FleetDirectories(manifestPath: "/x/fleet.yaml", environment: [:])
        #expect(none.stateDirectory.hasPrefix("/tmp/fleet-\(geteuid())/state/fleet/x-"))
    }

    @Test func `prepared folders are for this user alone`() throws {
        let short = "/tmp/f\(UInt32.random(in: 0...9_999_999))"
        try FileManager.default.createDirectory(atPath: short, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: short) }
        let environment = ["XDG_RUNTIME_DIR": short, "XDG_STATE_HOME": "\(folder.path)/state"]
        let directories = FleetDirectories(manifestPath: "/x/fleet.yaml", environment: environment)
        #expect(directories.runtimeDirectory.hasPrefix(short))
        try directories.prepare()
        for path in [directories.runtimeDirectory, directories.stateDirectory] {
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o700)
        }
        try FileManager.default.removeItem(atPath: directories.stateDirectory)
        try FileManager.default.createSymbolicLink(atPath: directories.stateDirectory, withDestinationPath: folder.path)
        #expect(throws: DirectoryTrouble.self) { try directories.prepare() }
    }

    @Test func `the hash is FNV-1a`() {
        #expect(Hash.fnv1a("") == "cbf29ce484222325")
        #expect(Hash.fnv1a("a") == "af63dc4c8601ec8c")
        #expect(Hash.fnv1a("foobar") == "85944171f73967e8")
    }

    @Test func `one lock, one holder, and its pid for the others`() throws {
        let path = "\(folder.path)/lock"
        guard case .acquired(let lock) = try EngineLock.acquire(at: path) else {
            Issue.record("the lock is not free")
            return
        }
        guard case .heldBy(let owner) = try EngineLock.acquire(at: path) else {
            Issue.record("two holders")
            return
        }
        #expect(owner == ProcessID(getpid()))
        lock.release()
        guard case .acquired = try EngineLock.acquire(at: path) else {
            Issue.record("the lock was not given back")
            return
        }
        #expect(throws: DirectoryTrouble.self) { try EngineLock.acquire(at: "/no/such/folder/lock") }
    }

    @Test(.timeLimit(.minutes(10)))
    func `a detached process leads its own session and writes to its file`() async throws {
        let log = "\(folder.path)/engine.log"
        let process = try DetachedProcess.start(
            executable: "/bin/sh",
            arguments: [
                "-c",
                "echo $WHO; ps -o sid= -p $$ >/dev/null 2>&1; cut -d' ' -f6 /proc/$$/stat; echo $$; echo oops >&2; exit 9",
            ],
            environment: ["WHO": "engine", "PATH": "/usr/bin:/bin"],
            logFile: log
        )
        try await eventually { process.poll() != nil }
        #expect(process.poll() == .exited(code: 9))
        #expect(SmallFile.text(log) == "engine\n\(process.pid)\n\(process.pid)\noops\n")
        #expect(throws: DirectoryTrouble.self) {
            try DetachedProcess.start(executable: "/no/such", arguments: [], environment: [:], logFile: log)
        }
    }
}
