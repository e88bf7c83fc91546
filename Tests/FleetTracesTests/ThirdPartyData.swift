import Foundation

/// Inputs and expectations that others wrote; outside of the repository, so tests that need them are skipped without.
enum ThirdPartyData {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["FLEET_TESTDATA"] { return URL(fileURLWithPath: path) }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/testdata")
    }()

    static func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
    }

    static func data(_ path: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(path)) }
}
