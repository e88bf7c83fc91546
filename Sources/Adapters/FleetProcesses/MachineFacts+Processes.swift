internal import Glibc

// What the kernel offers for keeping hold of processes.
extension MachineFacts {
    var processes: [MachineFact] { [kernel, processView, groups] }

    /// PR_SET_CHILD_SUBREAPER is of Linux 3.4, pidfd_open(2) of 5.3.
    private var kernel: MachineFact {
        let release = text("/proc/sys/kernel/osrelease") ?? ""
        let parts = release.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
        guard parts.count == 2 else {
            return MachineFact(
                "kernel",
                "unknown",
                .fail,
                advice: "/proc is not there; fleet follows processes with it"
            )
        }
        let (major, minor) = (parts[0], parts[1])
        if (major, minor) < (3, 4) {
            return MachineFact("kernel", "\(release), no subreaper", .fail, advice: "Linux 5.3 or later is needed")
        }
        if (major, minor) < (5, 3) {
            let advice = "services that outlive their engine are looked for by polling; Linux 5.3 tells"
            return MachineFact("kernel", "\(release): subreaper, no pidfd", .warn, advice: advice)
        }
        return MachineFact("kernel", "\(release): subreaper, pidfd")
    }

    private var processView: MachineFact {
        let mounts = text("/proc/self/mounts") ?? ""
        let proc = mounts.split(separator: "\n").map { $0.split(separator: " ") }
            .last { $0.count > 3 && $0[1] == "/proc" }
        let hidden = proc.flatMap { fields in
            fields[3].split(separator: ",").first {
                $0.hasPrefix("hidepid=") && $0 != "hidepid=0" && $0 != "hidepid=off"
            }
        }
        guard let hidden else { return MachineFact("process view", "all processes can be seen") }
        let advice = "whose a taken port is cannot be told when it is another user's"
        return MachineFact("process view", "/proc is mounted with \(hidden)", .warn, advice: advice)
    }

    /// Optional: it ends a tree at one stroke where it is there, and nothing depends on it.
    private var groups: MachineFact {
        guard exists("/sys/fs/cgroup/cgroup.controllers") else {
            return MachineFact("cgroup v2", "not mounted; process sessions are used")
        }
        let line = (text("/proc/self/cgroup") ?? "").split(separator: "\n").first { $0.hasPrefix("0::") }
        let path = "/sys/fs/cgroup" + (line.map { String($0.dropFirst(3)) } ?? "")
        let isWritable = access("\(root)\(path)/cgroup.procs", W_OK) == 0 && access(root + path, W_OK) == 0
        return MachineFact("cgroup v2", isWritable ? "writable" : "not delegated to you; process sessions are used")
    }
}
