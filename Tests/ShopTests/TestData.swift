import Foundation

/// Third-party test data, outside the repository.
enum TestData {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["FLEET_TESTDATA"] { return URL(fileURLWithPath: path) }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.appendingPathComponent("../shared/testdata").standardizedFileURL
    }()

    static func isPresent(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
    }

    static func read(_ path: String) throws -> Data {
        try Data(contentsOf: folder.appendingPathComponent(path))
    }
}
