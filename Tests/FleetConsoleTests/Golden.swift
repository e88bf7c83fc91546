import Foundation
import Testing

/// Screens kept as files. `UPDATE_GOLDEN=1` rewrites them; a missing one is written and the test fails once.
enum Golden {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    static func check(_ name: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let file = folder.appending(path: name + ".txt")
        let present = try? String(contentsOf: file, encoding: .utf8)
        guard ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != "1", let present else {
            #expect(throws: Never.self, sourceLocation: sourceLocation) { try Data(text.utf8).write(to: file) }
            if present == nil, ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != "1" {
                Issue.record("recorded \(name).txt; look at it and run again", sourceLocation: sourceLocation)
            }
            return
        }
        guard present != text else { return }
        Issue.record("\(name) differs\n\(difference(present, text))", sourceLocation: sourceLocation)
    }

    private static func difference(_ old: String, _ new: String) -> String {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false)
        return (0..<max(before.count, after.count)).compactMap { index -> String? in
            let left = index < before.count ? String(before[index]) : ""
            let right = index < after.count ? String(after[index]) : ""
            return left == right ? nil : "\(index) - \(left)\n\(index) + \(right)"
        }.prefix(40).joined(separator: "\n")
    }
}
