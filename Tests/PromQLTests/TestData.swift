import Foundation

/// Third-party test data, found through `FLEET_TESTDATA` or beside the package. Tests that need it are skipped without.
enum TestData {
    static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["FLEET_TESTDATA"] { return URL(fileURLWithPath: path) }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.deletingLastPathComponent().appendingPathComponent("shared/testdata")
    }()

    static func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: root.appendingPathComponent(path)))
    }

    static func json(_ path: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(try unpacked(path)))
    }

    static func entries(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(path).path).sorted()
    }

    /// The bytes of a file, unpacked when its name ends in `.gz` or `.bz2`.
    static func unpacked(_ path: String) throws -> [UInt8] {
        guard path.hasSuffix(".gz") || path.hasSuffix(".bz2") else { return try bytes(path) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path.hasSuffix(".gz") ? "/bin/gunzip" : "/bin/bunzip2")
        process.arguments = ["-c", root.appendingPathComponent(path).path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return [UInt8](data)
    }

    /// Text of a JSON field that may be a string or `{"$b64": …}`.
    static func input(_ field: Any?) -> [UInt8]? {
        if let text = field as? String { return [UInt8](text.utf8) }
        guard let encoded = (field as? [String: Any])?["$b64"] as? String else { return nil }
        return Data(base64Encoded: encoded).map { [UInt8]($0) }
    }
}
