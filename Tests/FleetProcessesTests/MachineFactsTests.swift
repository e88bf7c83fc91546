import Foundation
import Testing

@testable import FleetProcesses

struct MachineFactsTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// Facts about a machine whose `/proc`, `/sys` and `/var` are in the folder.
    private func facts(_ environment: [String: String] = [:], _ files: [String: String] = [:]) throws -> MachineFacts {
        for (path, text) in files {
            let file = "\(folder.path)/root\(path)"
            let parent = String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.startIndex))
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try text.write(toFile: file, atomically: true, encoding: .utf8)
        }
        return MachineFacts(
            stateDirectory: "\(folder.path)/state",
            environment: environment,
            root: "\(folder.path)/root"
        )
    }

    private func find(_ topic: String, in facts: [MachineFact]) throws -> MachineFact {
        try #require(facts.first { $0.topic == topic }, "nothing about \(topic)")
    }

    @Test func `this machine has a fact for every topic, each said once, with advice where something is wrong`() {
        let facts = MachineFacts.gather(stateDirectory: "\(folder.path)/state")
        let topics = [
            "terminal", "colours", "locale", "open files", "processes", "file watches", "watch instances",
            "local ports", "kernel", "process view", "cgroup v2", "state folder", "free space", "runtime folder",
            "containers", "running engines",
        ]
        #expect(facts.map(\.topic) == topics)
        for fact in facts {
            #expect(!fact.value.isEmpty && !fact.value.contains("\n"))
            #expect(fact.advice.isEmpty == (fact.verdict == .ok), "\(fact)")
        }
        #expect(SmallFile.names(in: folder.path).isEmpty, "looking leaves nothing behind")
    }

    @Test func `the terminal's variables decide`() throws {
        func screen(_ environment: [String: String]) throws -> [MachineFact] { try facts(environment).screen }
        #expect(try find("terminal", in: screen([:])).value == "TERM is not set")
        #expect(try find("terminal", in: screen(["TERM": "dumb"])).verdict == .warn)
        let colours: [([String: String], String, MachineFact.Verdict)] = [
            (["TERM": "xterm-256color"], "256", .ok), (["TERM": "vt100"], "none", .warn),
            (["TERM": "xterm", "COLORTERM": "truecolor"], "24 bit (COLORTERM=truecolor)", .ok),
            (["TERM": "xterm-256color", "NO_COLOR": "1"], "switched off by NO_COLOR", .warn),
            (["TERM": "foot"], "as terminfo says of foot", .ok),
        ]
        for (environment, value, verdict) in colours {
            let fact = try find("colours", in: screen(environment))
            #expect(fact.value == value)
            #expect(fact.verdict == verdict)
        }
        let locales: [([String: String], String, MachineFact.Verdict)] = [
            ([:], "none is set", .warn), (["LANG": "C.UTF-8"], "LANG=C.UTF-8", .ok),
            (["LANG": "de_DE.utf8"], "LANG=de_DE.utf8", .ok),
            (["LC_ALL": "C", "LANG": "C.UTF-8"], "LC_ALL=C", .warn),
            (["LC_ALL": "", "LC_CTYPE": "en_US.UTF-8", "LANG": "C"], "LC_CTYPE=en_US.UTF-8", .ok),
        ]
        for (environment, value, verdict) in locales {
            let fact = try find("locale", in: screen(environment))
            #expect(fact.value == value)
            #expect(fact.verdict == verdict)
        }
    }

    @Test func `small limits come with the setting that raises them`() throws {
        let limits = try facts(
            [:],
            [
                "/proc/sys/fs/inotify/max_user_watches": "8192\n",
                "/proc/sys/fs/inotify/max_user_instances": "16\n",
                "/proc/sys/net/ipv4/ip_local_port_range": "1024\t65535\n",
            ]
        ).limits
        let watches = try find("file watches", in: limits)
        #expect(watches.value == "8192")
        #expect(watches.verdict == .warn)
        #expect(watches.advice.contains("fs.inotify.max_user_watches"))
        #expect(try find("watch instances", in: limits).advice.contains("fs.inotify.max_user_instances"))
        let ports = try find("local ports", in: limits)
        #expect(ports.verdict == .warn)
        #expect(ports.value.hasPrefix("1024-65535"))
        let none = MachineFacts(stateDirectory: "/", environment: [:], root: "\(folder.path)/none").limits
        #expect(try find("file watches", in: none).verdict == .fail)
        #expect(try find("local ports", in: none).value == "unknown")
    }

    @Test(arguments: [
        ("6.18.44-custom", MachineFact.Verdict.ok), ("5.3.0", .ok), ("5.2.21", .warn), ("3.4.0", .warn),
        ("2.6.32-754.el6", .fail), ("", .fail), ("banana", .fail),
    ])
    func `the kernel is known by its version`(release: String, verdict: MachineFact.Verdict) throws {
        let processes = try facts([:], ["/proc/sys/kernel/osrelease": release + "\n"]).processes
        #expect(try find("kernel", in: processes).verdict == verdict)
    }

    @Test func `a /proc that hides others' processes is told`() throws {
        func view(_ options: String) throws -> MachineFact {
            let mounts = "/dev/root / ext4 rw 0 0\nproc /proc proc rw,nosuid\(options) 0 0\n"
            return try find("process view", in: facts([:], ["/proc/self/mounts": mounts]).processes)
        }
        #expect(try view("").verdict == .ok)
        #expect(try view(",hidepid=0").verdict == .ok)
        #expect(try view(",hidepid=invisible").value == "/proc is mounted with hidepid=invisible")
        #expect(try view(",hidepid=2").verdict == .warn)
    }

    @Test func `a delegated control group is told from one that is not ours`() throws {
        let files = [
            "/proc/self/cgroup": "0::/user.slice/fleet\n",
            "/sys/fs/cgroup/cgroup.controllers": "cpu memory\n",
        ]
        #expect(try find("cgroup v2", in: facts([:], files).processes).value.hasPrefix("not delegated"))
        let delegated = files.merging(["/sys/fs/cgroup/user.slice/fleet/cgroup.procs": "1\n"]) { $1 }
        #expect(try find("cgroup v2", in: facts([:], delegated).processes).value == "writable")
    }

    @Test func `a state folder that cannot be is a failure`() throws {
        let good = try find("state folder", in: facts().storage)
        #expect(good.value == "\(folder.path)/state (will be created)")
        let bad = MachineFacts(stateDirectory: "/proc/nowhere/fleet", environment: [:]).storage
        #expect(try find("state folder", in: bad).verdict == .fail)
        #expect(MachineFacts.nearestFolder("\(folder.path)/a/b/c") == folder.path)
        #expect(MachineFacts.nearestFolder("/no/such") == "/")
    }

    @Test func `the runtime folder must be private`() throws {
        let runtime = "\(folder.path)/runtime"
        try FileManager.default.createDirectory(
            atPath: runtime,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        #expect(try find("runtime folder", in: facts(["XDG_RUNTIME_DIR": runtime]).storage).value == runtime)
        chmod(runtime, 0o755)
        let open = try find("runtime folder", in: facts(["XDG_RUNTIME_DIR": runtime]).storage)
        #expect(open.value.contains("XDG_RUNTIME_DIR is not usable"))
        #expect(try find("runtime folder", in: facts().storage).value.contains("is not set"))
    }

    @Test func `container engines are found by their sockets and by their programs`() throws {
        #expect(try find("containers", in: facts(["PATH": "/no/such"]).surroundings).value.hasPrefix("none"))
        let docker = try facts(["PATH": "/no/such"], ["/var/run/docker.sock": ""]).surroundings
        #expect(try find("containers", in: docker).value == "docker (/var/run/docker.sock)")
        let tools = "\(folder.path)/tools"
        try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: false)
        let program = try folder.write("tools/docker", "")
        chmod(program, 0o755)
        let installed = MachineFacts(stateDirectory: "/", environment: ["PATH": tools], root: "\(folder.path)/none")
        let fact = try find("containers", in: installed.surroundings)
        #expect(fact.verdict == .warn)
        #expect(fact.value == "docker, not running")
    }

    @Test func `sizes are said with one decimal`() {
        #expect(MachineFacts.size(0) == "0 B")
        #expect(MachineFacts.size(1023) == "1023 B")
        #expect(MachineFacts.size(1536) == "1.5 KiB")
        #expect(MachineFacts.size(3_650_722_202) == "3.4 GiB")
        #expect(MachineFacts.size(.max) == "8388608.0 TiB")
    }
}
