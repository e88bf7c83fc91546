/// When a job runs by itself.
package struct ScheduleSpec: Hashable, Sendable, Codable {
    package enum Trigger: Hashable, Sendable, Codable {
        /// From one start to the next.
        case interval(Duration)
        /// Five fields as in crontab(5), or a nickname such as `@hourly`.
        case cron(String)
    }

    /// What happens when the last run is still going.
    package enum Overlap: String, Hashable, Sendable, Codable, CaseIterable {
        case skip
        /// The last run is stopped first.
        case restart
    }

    package var trigger: Trigger
    package var overlap: Overlap
    /// Offset of the zone in which cron's fields are meant; `nil` = the machine's own.
    package var utcOffset: Duration?

    /// A zone of the tz database, such as `Europe/Berlin`, whose offset changes over the year.
    package var timeZone: String?

    package init(trigger: Trigger, overlap: Overlap = .skip, utcOffset: Duration? = nil, timeZone: String? = nil) {
        self.timeZone = timeZone
        self.trigger = trigger
        self.overlap = overlap
        self.utcOffset = utcOffset
    }
}

/// What one process of a service may use.
package struct ResourceSpec: Hashable, Sendable, Codable {
    /// Resident memory of the whole tree above which it is restarted. Bytes.
    package var memoryBytes: Int?
    /// Soft and hard limits by the names of setrlimit(2) in lower case without `RLIMIT_`: `nofile`, `nproc`, `core`,
    /// `stack`, `cpu`, `as`, `fsize`, `memlock`, `data`.
    package var limits: [String: UInt64] = [:]

    package init(memoryBytes: Int? = nil, limits: [String: UInt64] = [:]) {
        self.memoryBytes = memoryBytes
        self.limits = limits
    }
}
