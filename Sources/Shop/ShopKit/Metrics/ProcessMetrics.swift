import Foundation
import Glibc

/// The `process_*` metrics that Prometheus client libraries agree on, read from `/proc/self` at each exposition.
enum ProcessMetrics {
    static func register(in registry: MetricRegistry) {
        let cpu = registry.counter(
            "process_cpu_seconds_total",
            help: "User and system processor time spent, in seconds."
        )
        let resident = registry.gauge("process_resident_memory_bytes", help: "Resident memory, in bytes.")
        let virtual = registry.gauge("process_virtual_memory_bytes", help: "Virtual memory, in bytes.")
        let open = registry.gauge("process_open_fds", help: "Open file descriptors.")
        let limit = registry.gauge("process_max_fds", help: "Most file descriptors the process may open.")
        let threads = registry.gauge("process_threads", help: "Threads of the process.")
        let start = registry.gauge("process_start_time_seconds", help: "Start of the process, seconds since 1970.")
        start.set(to: startTime ?? Double(WallClock.nanoseconds / 1_000_000) / 1000)
        registry.beforeExposition {
            var usage = rusage()
            if getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
                cpu.replace(with: seconds(usage.ru_utime) + seconds(usage.ru_stime))
            }
            let pages = fields("/proc/self/statm").compactMap(Double.init)
            if pages.count > 1 {
                virtual.set(to: pages[0] * Double(getpagesize()))
                resident.set(to: pages[1] * Double(getpagesize()))
            }
            if let count = entryCount("/proc/self/fd") { open.set(to: Double(count)) }
            if let count = entryCount("/proc/self/task") { threads.set(to: Double(count)) }
            var bounds = rlimit()
            if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &bounds) == 0 {
                limit.set(to: Double(bounds.rlim_cur))
            }
        }
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    private static func fields(_ path: String) -> [String] {
        // Files of /proc report no size, so they are read to their end rather than by size.
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
    }

    private static func entryCount(_ path: String) -> Int? {
        (try? FileManager.default.contentsOfDirectory(atPath: path))?.count
    }

    /// Boot time plus field 22 of `/proc/self/stat`, counted after the parenthesised command name.
    private static var startTime: Double? {
        guard let stat = FileManager.default.contents(atPath: "/proc/self/stat"),
            let boot = FileManager.default.contents(atPath: "/proc/stat")
        else { return nil }
        let text = String(decoding: stat, as: UTF8.self)
        guard let close = text.lastIndex(of: ")") else { return nil }
        let after = text[text.index(after: close)...].split(separator: " ")
        let bootLine = String(decoding: boot, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard after.count > 19, let ticks = Double(after[19]),
            let booted = bootLine.flatMap({ Double($0.dropFirst(6)) })
        else { return nil }
        return booted + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
