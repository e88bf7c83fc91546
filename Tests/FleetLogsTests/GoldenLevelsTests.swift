import FleetModel
import Foundation
import Testing

@testable import FleetLogs

/// lnav 0.11.1's opinion of real log files, line by line.
struct GoldenLevelsTests {
    private struct Golden: Decodable {
        var files: [String: [Row]]
    }

    private struct Row: Decodable {
        var line: Int
        var format: String
        var level: String
        var time: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            line = try list.decode(Int.self)
            format = try list.decode(String.self)
            level = try list.decode(String.self)
            time = try list.decode(String.self)
        }
    }

    /// Formats of daemons and frameworks that a fleet can meet on a developer's machine. lnav's other formats are for appliances.
    private static let gated: Set<String> = [
        "access_log", "syslog_log", "generic_log", "glog_log", "journald_json_log", "vmw_log", "redis_log", "error_log",
        "logcat_log", "java_log", "haproxy_log", "json_log", "bunyan_log", "pino_log", "otel_collector_log",
        "block_log",
        "test_log", "uwsgi_log", "vdsm_log", "mongodb_json_log",
    ]

    /// lnav's words folded to ours. It calls a level "unknown" where we say unspecified or recognised a word it does not know.
    private static func agrees(_ ours: LogSeverity, _ theirs: String) -> Bool {
        switch theirs {
        case "unknown": true
        case "trace": ours == .trace || ours == .debug
        case "debug", "debug2", "debug3", "debug4", "debug5": ours == .debug
        case "info", "notice", "stats": ours == .info
        case "warning": ours == .warning
        case "error": ours == .error
        case "critical": ours == .error || ours == .fatal
        case "fatal": ours == .fatal || ours == .error
        default: false
        }
    }

    @Test(.enabled(if: ThirdPartyData.has("lnav/golden_levels_lnav_0.11.1.json"), "third-party test data is not here"))
    func `severities agree with what lnav sees in real files`() throws {
        let data = try ThirdPartyData.data("lnav/golden_levels_lnav_0.11.1.json")
        let golden = try JSONDecoder().decode(Golden.self, from: data)
        var agreed = 0
        var total = 0
        var byFormat: [String: (agreed: Int, total: Int)] = [:]
        var misses: [String] = []
        for (file, rows) in golden.files where ThirdPartyData.has("lnav/logfiles/\(file)") {
            let lines = try ThirdPartyData.data("lnav/logfiles/\(file)").split(
                separator: 10,
                omittingEmptySubsequences: false
            )
            for row in rows where Self.gated.contains(row.format) && row.line < lines.count {
                let line = [UInt8](lines[row.line])
                let clean = ANSIText.clean(
                    line.last == 13
                        ? String(decoding: line.dropLast(), as: UTF8.self)
                        : String(decoding: line, as: UTF8.self)
                )
                let severity = LineDecoder.decode(clean).severity
                let isSame = Self.agrees(severity, row.level)
                total += 1
                agreed += isSame ? 1 : 0
                byFormat[row.format, default: (0, 0)].total += 1
                byFormat[row.format, default: (0, 0)].agreed += isSame ? 1 : 0
                if !isSame {
                    misses.append(
                        "\(row.format) \(file):\(row.line) lnav \(row.level), we \(severity): \(clean.prefix(120))"
                    )
                }
            }
        }
        try #require(total > 0)
        let share = Double(agreed) / Double(total)
        #expect(share >= 0.99, "\(agreed)/\(total) \(byFormat)\n\(misses.prefix(30).joined(separator: "\n"))")
        if let path = ProcessInfo.processInfo.environment["FLEET_TEST_REPORT"] {
            try "\(agreed)/\(total)\n\(byFormat)\n\(misses.joined(separator: "\n"))".write(
                toFile: path,
                atomically: true,
                encoding: .utf8
            )
        }
    }

    private struct Samples: Decodable {
        struct Sample: Decodable {
            var format: String
            var line: String
            var level: String?
        }

        var samples: [Sample]
    }

    @Test(.enabled(if: ThirdPartyData.has("lnav/samples.json"), "third-party test data is not here"))
    func `severities agree with the samples of lnav's format definitions`() throws {
        let samples = try JSONDecoder().decode(Samples.self, from: ThirdPartyData.data("lnav/samples.json")).samples
        var agreed = 0
        var misses: [String] = []
        let levelled = samples.filter { $0.level != nil }
        for sample in levelled {
            let first = sample.line.split(separator: "\n").first.map(String.init) ?? ""
            let severity = LineDecoder.decode(first).severity
            if Self.agrees(severity, sample.level ?? "") {
                agreed += 1
            } else {
                misses.append("\(sample.format) lnav \(sample.level ?? ""), we \(severity): \(first.prefix(120))")
            }
        }
        try #require(!levelled.isEmpty)
        #expect(
            Double(agreed) / Double(levelled.count) >= 0.95,
            "\(agreed)/\(levelled.count)\n\(misses.joined(separator: "\n"))"
        )
        if let path = ProcessInfo.processInfo.environment["FLEET_TEST_REPORT"] {
            try "\(agreed)/\(levelled.count)\n\(misses.joined(separator: "\n"))".write(
                toFile: path + ".samples",
                atomically: true,
                encoding: .utf8
            )
        }
    }
}
