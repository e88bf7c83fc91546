internal import Glibc

// What the system grants to this user.
extension MachineFacts {
    var limits: [MachineFact] { [openFiles, userProcesses, watches, watchInstances, ephemeralPorts] }

    private var openFiles: MachineFact {
        let (soft, hard) = Self.limit(RLIMIT_NOFILE)
        let value = "\(Self.text(soft)) of \(Self.text(hard))"
        // Three per service, one per connection; the engine raises its soft limit by itself.
        guard hard >= 4_096 else {
            return MachineFact("open files", value, .warn, advice: "raise the hard limit (ulimit -Hn) to 4096 or more")
        }
        return MachineFact("open files", value)
    }

    private var userProcesses: MachineFact {
        let (soft, _) = Self.limit(__RLIMIT_NPROC)
        guard soft >= 1_024 else {
            let advice = "raise it (ulimit -u): threads of every process of yours count"
            return MachineFact("processes", Self.text(soft), .warn, advice: advice)
        }
        return MachineFact("processes", Self.text(soft))
    }

    private var watches: MachineFact {
        guard let count = number("/proc/sys/fs/inotify/max_user_watches") else {
            return MachineFact("file watches", "no inotify", .fail, advice: "develop.watch and reload will not notice")
        }
        // One per folder.
        guard count >= 65_536 else {
            let advice = "sysctl fs.inotify.max_user_watches=524288; every watched folder needs one"
            return MachineFact("file watches", "\(count)", .warn, advice: advice)
        }
        return MachineFact("file watches", "\(count)")
    }

    private var watchInstances: MachineFact {
        guard let count = number("/proc/sys/fs/inotify/max_user_instances") else {
            return MachineFact("watch instances", "no inotify", .fail, advice: "develop.watch will not notice changes")
        }
        guard count >= 64 else {
            let advice = "sysctl fs.inotify.max_user_instances=512; editors and build tools take them too"
            return MachineFact("watch instances", "\(count)", .warn, advice: advice)
        }
        return MachineFact("watch instances", "\(count)")
    }

    private var ephemeralPorts: MachineFact {
        let path = "/proc/sys/net/ipv4/ip_local_port_range"
        let bounds = (text(path) ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        let range = PortRange(ephemeral: text(path))
        guard bounds.count == 2 else {
            return MachineFact("local ports", "unknown", .warn, advice: "\(path) cannot be read")
        }
        let value = "\(bounds[0])-\(bounds[1]); allocated ones from \(range.numbers.lowerBound)"
        guard !range.numbers.overlaps(min(bounds[0], bounds[1])...max(bounds[0], bounds[1])) else {
            let advice = "outgoing connections use every port: sysctl net.ipv4.ip_local_port_range=\"32768 60999\""
            return MachineFact("local ports", value, .warn, advice: advice)
        }
        return MachineFact("local ports", value)
    }

    /// RLIM_INFINITY is the greatest number.
    private static func limit(_ resource: __rlimit_resource) -> (soft: UInt64, hard: UInt64) {
        var limit = rlimit()
        guard getrlimit(Int32(resource.rawValue), &limit) == 0 else { return (.max, .max) }
        return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
    }

    private static func text(_ limit: UInt64) -> String { limit == .max ? "unlimited" : "\(limit)" }
}
