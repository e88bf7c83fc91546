internal import CPlatform
internal import Glibc

/// One thing about this machine that matters to fleet.
package struct MachineFact: Sendable, Hashable {
    package enum Verdict: String, Sendable, Hashable, CaseIterable {
        case ok
        /// Works, but not as well as it could.
        case warn
        /// Something will not work.
        case fail
    }

    /// `terminal`, `open files`: unique, lower case, a few words.
    package var topic: String
    /// What was found, one line: `xterm-256color, 132x43`.
    package var value: String
    package var verdict: Verdict
    /// What to do about it; empty for `ok`.
    package var advice: String

    package init(_ topic: String, _ value: String, _ verdict: Verdict = .ok, advice: String = "") {
        self.topic = topic
        self.value = value
        self.verdict = verdict
        self.advice = advice
    }
}

/// What this machine offers, and what it lacks. Only looks: nothing is changed, except that a file is created and
/// removed at once where only that tells whether it can be.
package struct MachineFacts: Sendable {
    let stateDirectory: String
    let environment: [String: String]
    /// The root of `/proc`, `/sys` and `/var`; tests have their own.
    var root = ""

    /// In the order in which they are best shown.
    /// - Parameters:
    ///   - stateDirectory: of the manifest; need not exist yet.
    ///   - environment: of this process.
    /// - Returns: one fact per topic.
    package static func gather(
        stateDirectory: String,
        environment: [String: String] = ChildEnvironment.ofThisProcess
    ) -> [MachineFact] {
        let facts = MachineFacts(stateDirectory: stateDirectory, environment: environment)
        return facts.screen + facts.limits + facts.processes + facts.storage + facts.surroundings
    }

    // MARK: Reading

    func text(_ path: String) -> String? {
        SmallFile.text(root + path, limit: 1 << 20).map { text in
            String(text.reversed().drop(while: \.isWhitespace).reversed())
        }
    }

    func number(_ path: String) -> Int? { text(path).flatMap { Int($0) } }

    func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

    /// `3.4 GiB`.
    static func size(_ bytes: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(max(0, bytes))
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return unit == 0 ? "\(bytes) B" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
