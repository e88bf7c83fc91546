internal import FleetModel
internal import Glibc

// Other programs that services may need, or that may be in the way.
extension MachineFacts {
    var surroundings: [MachineFact] { [containers, engines] }

    private var containers: MachineFact {
        var found: [String] = []
        if let host = environment["DOCKER_HOST"], !host.isEmpty { found.append("DOCKER_HOST=\(host)") }
        var sockets = [("docker", "/var/run/docker.sock"), ("podman", "/run/podman/podman.sock")]
        if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            sockets.append(("docker", "\(runtime)/docker.sock"))
            sockets.append(("podman", "\(runtime)/podman/podman.sock"))
        }
        for (name, path) in sockets where exists(path) {
            found.append(access(root + path, W_OK) == 0 ? "\(name) (\(path))" : "\(name) (\(path), not yours to use)")
        }
        let programs = ["docker", "podman", "nerdctl"].filter(isInPath)
        if found.isEmpty, programs.isEmpty {
            return MachineFact("containers", "none; only services that need one mind")
        }
        guard !found.isEmpty else {
            let list = programs.joined(separator: ", ")
            // podman and nerdctl need no server.
            guard programs == ["docker"] else { return MachineFact("containers", list) }
            return MachineFact("containers", "\(list), not running", .warn, advice: "start the docker daemon if needed")
        }
        return MachineFact("containers", found.joined(separator: ", "))
    }

    private func isInPath(_ program: String) -> Bool {
        (environment["PATH"] ?? "").split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    /// Engines of this user that hold their lock.
    private var engines: MachineFact {
        var folders = [FleetDirectories.userFolder]
        if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") { folders.append("\(runtime)/fleet") }
        let locks = folders.flatMap { folder in SmallFile.names(in: folder).sorted().map { "\(folder)/\($0)/lock" } }
        let pids = locks.compactMap { EngineLock.owner(at: $0) }
            .filter { pid in ProcessTable.command(of: pid.rawValue).contains("fleet") }
        guard !pids.isEmpty else { return MachineFact("running engines", "none") }
        let list = Set(pids.map(\.rawValue)).sorted().map { "pid \($0)" }.joined(separator: ", ")
        return MachineFact("running engines", list)
    }
}
