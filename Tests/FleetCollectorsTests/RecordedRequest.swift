import Foundation

/// A request that a real OpenTelemetry SDK sent, from the shared test data.
struct RecordedRequest {
    private struct Head: Decodable {
        let path: String
        let headers: [String: String]
    }

    let path: String
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    var isCompressed: Bool { headers.contains { $0.name == "Content-Encoding" } }

    private static var folder: URL {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
        let configured = ProcessInfo.processInfo.environment["FLEET_TESTDATA"].map { URL(filePath: $0) }
        return (configured ?? root.appending(path: "../shared/testdata").standardizedFileURL)
            .appending(path: "otlp/sdk_captures")
    }

    static var isAvailable: Bool { FileManager.default.fileExists(atPath: folder.path) }

    /// Whether the bytes are field 1, length-delimited, again and again up to the very end.
    static func isExportRequest(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while rest.popFirst() == 0x0A {
            var length = 0
            var shift = 0
            while let byte = rest.popFirst(), shift < 35 {
                length |= Int(byte & 127) << shift
                shift += 7
                if byte < 128 { break }
            }
            guard length <= rest.count else { return false }
            rest = rest.dropFirst(length)
        }
        return !bytes.isEmpty && rest.isEmpty
    }

    static func all() throws -> [RecordedRequest] {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "bin" }.sorted { $0.path < $1.path }.map { file in
            let headFile = file.deletingPathExtension().appendingPathExtension("headers.json")
            let head = try JSONDecoder().decode(Head.self, from: Data(contentsOf: headFile))
            return RecordedRequest(
                path: head.path,
                headers: head.headers.filter { $0.key != "Host" }.map { (name: $0.key, value: $0.value) },
                body: Array(try Data(contentsOf: file))
            )
        }
    }
}
