import FleetManifest
import FleetModel
import FleetProcesses
import Foundation

/// Reads the manifest from disk for the pure loader.
enum ManifestFile {
    /// - Throws: status 2 with one sentence when the file itself cannot be read.
    static func load(_ path: String, _ reading: ManifestReading) throws(Failure) -> ManifestOutcome {
        let options = ManifestOptions(
            environment: ProcessInfo.processInfo.environment,
            overrides: reading.variables,
            profiles: Set(reading.profiles),
            strict: reading.strict,
            fleetBinaryFolder: binaryFolder,
            stateDirectory: FleetDirectories(manifestPath: path).stateDirectory
        )
        do {
            return try ManifestLoader.load(path: path, options: options, reading: read)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .invalid("\(path): \(error)")
        }
    }

    /// - Throws: status 2 with every error of the manifest, or its warnings alone on standard error.
    static func fleet(_ path: String, _ reading: ManifestReading) throws(Failure) -> Fleet {
        let outcome = try load(path, reading)
        for warning in outcome.warnings { Terminal.complain("warning: \(warning)") }
        guard let fleet = outcome.fleet else {
            throw .invalid(outcome.errors.map(\.description).joined(separator: "\n"))
        }
        return fleet
    }

    /// Larger files are refused before they are read.
    private static let sizeLimit = 4 << 20

    private static func read(_ path: String) throws -> [UInt8] {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Failure.invalid("\(path): \(reason())") }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw Failure.invalid("\(path): is a folder, not a manifest; name a file with -f FILE")
        }
        // A pipe or a device could be read for ever.
        guard status.st_mode & S_IFMT == S_IFREG else { throw Failure.invalid("\(path): is not a regular file") }
        guard status.st_size <= sizeLimit else {
            throw Failure.invalid("\(path): is larger than \(sizeLimit >> 20) MiB; that is no manifest")
        }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Failure.invalid("\(path): cannot be read; check its permissions")
        }
        return Array(bytes)
    }

    private static func reason() -> String {
        errno == ENOENT ? "no such file" : String(cString: strerror(errno))
    }

    /// Where our own binary lies: `${FLEET_BIN}`.
    private static var binaryFolder: String {
        let path = DetachedProcess.ownExecutable
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
