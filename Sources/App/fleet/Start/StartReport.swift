import FleetModel
import Foundation

/// A start as JUnit's XML, which every CI server shows: one test case per service.
struct StartReport {
    private let text: String

    init(_ outcome: FleetStart.Outcome) {
        let failed = outcome.courses.filter { $0.failure != nil }.count
        let skipped = outcome.courses.filter { $0.service.wanted != .up }.count
        let counts = "tests=\"\(outcome.courses.count)\" failures=\"\(failed)\" errors=\"0\" skipped=\"\(skipped)\""
        let time = Self.seconds(outcome.duration)
        let name = Self.attribute(outcome.name)
        var lines = [
            Self.prologue, "<testsuites \(counts) time=\"\(time)\">",
            "  <testsuite name=\(name) \(counts) time=\"\(time)\" timestamp=\"\(TimeText.utc(outcome.began))\">",
        ]
        for course in outcome.courses { lines += Self.testCase(course, outcome, suite: name) }
        lines += ["  </testsuite>", "</testsuites>", ""]
        text = lines.joined(separator: "\n")
    }

    /// Nothing could be started at all.
    static func broken(_ message: String, manifest: String) -> StartReport {
        let counts = "tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0\""
        return StartReport(
            text: """
                \(prologue)
                <testsuites \(counts)>
                  <testsuite name=\(attribute(manifest)) \(counts)>
                    <testcase classname="fleet" name="manifest" time="0">
                      <error message=\(attribute(firstLine(message)))>\(content(message))</error>
                    </testcase>
                  </testsuite>
                </testsuites>

                """
        )
    }

    private init(text: String) { self.text = text }

    /// - Throws: status 1 when the file cannot be written.
    func write(to path: String) throws(Failure) {
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw .failed("\(path): the report cannot be written: \(error.localizedDescription)")
        }
    }

    private static let prologue = #"<?xml version="1.0" encoding="UTF-8"?>"#

    private static func testCase(
        _ course: FleetStart.Course,
        _ outcome: FleetStart.Outcome,
        suite: String
    ) -> [String] {
        let service = course.service
        let time = course.timeToReady(since: outcome.began) ?? (course.failure == nil ? .zero : outcome.duration)
        let head =
            "    <testcase classname=\(suite) name=\(attribute(service.id.rawValue)) time=\"\(seconds(time))\""
        guard let failure = course.failure else {
            if service.wanted == .up { return [head + "/>"] }
            return [head + ">", "      <skipped message=\(attribute(service.state.rawValue))/>", "    </testcase>"]
        }
        let details = ([failure] + course.lastErrors).joined(separator: "\n")
        return [
            head + ">",
            "      <failure type=\(attribute(service.state.rawValue)) message=\(attribute(failure))>\(content(details))</failure>",
            "    </testcase>",
        ]
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = Int(min(max(0, duration.inSeconds), 1e9) * 1000)
        let digits = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
    }

    private static func firstLine(_ text: String) -> String {
        text.split(separator: "\n").first.map(String.init) ?? text
    }

    /// In quotes; a newline inside an attribute would be read as a blank.
    private static func attribute(_ text: String) -> String {
        let escaped = content(text).unicodeScalars.reduce(into: "") { out, scalar in
            switch scalar {
            case "\"": out += "&quot;"
            case "\n": out += "&#10;"
            case "\r": out += "&#13;"
            case "\t": out += "&#9;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }

    /// XML 1.0 section 2.2 has no place for control characters, not even escaped.
    private static func content(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { out, scalar in
            switch scalar.value {
            case 0x26: out += "&amp;"
            case 0x3C: out += "&lt;"
            case 0x3E: out += "&gt;"
            case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF:
                out.unicodeScalars.append(scalar)
            default: out += "\u{FFFD}"
            }
        }
    }
}
