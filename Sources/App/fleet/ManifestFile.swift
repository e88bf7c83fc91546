import FleetEngine
import FleetLogs
import FleetManifest
import FleetModel
import FleetProcesses
import Foundation
import PromQL

/// Reads a manifest from disk for the pure loader; a compose file, a process-compose file or a Procfile through its
/// importer.
struct ManifestFile {
    let path: String
    let choices: ManifestChoices
    let ports: PortBook

    /// For whoever only looks: the numbers of ports are those that the engine chose, or will choose.
    init(looking path: String, _ choices: ManifestChoices) {
        let state = FleetDirectories(manifestPath: path).stateDirectory
        self.init(path: path, choices: choices, ports: PortBook(stateDirectory: state, isReadOnly: true))
    }

    init(path: String, choices: ManifestChoices, ports: PortBook) {
        self.path = path
        self.choices = choices
        self.ports = ports
    }

    /// What came of it.
    struct Outcome {
        /// `nil` as soon as there is an error.
        var fleet: Fleet?
        var errors: [ManifestError] = []
        var warnings: [ManifestError] = []
        /// What an importer could not carry over.
        var omissions: [ImportNote] = []
    }

    /// - Throws: status 2 with one sentence when the file itself cannot be read.
    func load() throws(Failure) -> Outcome {
        var outcome = Outcome()
        var bytes = try Self.read(path)
        if ManifestImport.kind(of: bytes, fileName: path) != nil {
            let imported = ManifestImport.convert(bytes, fileName: path)
            outcome.omissions = imported.omissions
            outcome.errors = imported.errors
            guard imported.errors.isEmpty else { return outcome }
            bytes = Array(imported.manifest.utf8)
        }
        let loaded: ManifestOutcome
        do {
            loaded = try ManifestLoader.load(path: path, options: options) { [path, bytes] file in
                try file == path ? bytes : Self.read(file)
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .invalid("\(path): \(error)")
        }
        outcome.fleet = loaded.fleet
        outcome.errors = loaded.errors
        outcome.warnings = loaded.warnings
        return outcome
    }

    /// - Parameter saying: whether warnings go to standard error.
    /// - Returns: a fleet without errors.
    /// - Throws: status 2 with every error of the manifest.
    func fleet(saying: Bool = true) throws(Failure) -> Fleet {
        let outcome = try load()
        if saying {
            for omission in outcome.omissions { Terminal.complain("warning: \(omission)") }
            for warning in outcome.warnings { Terminal.complain("warning: \(warning)") }
        }
        guard let fleet = outcome.fleet else {
            throw .invalid(outcome.errors.map(\.description).joined(separator: "\n"))
        }
        return fleet
    }

    private var options: ManifestOptions {
        var options = ManifestOptions(
            environment: ProcessInfo.processInfo.environment,
            overrides: choices.variables,
            profiles: Set(choices.profiles),
            strict: choices.isStrict,
            fleetBinaryFolder: Self.binaryFolder,
            stateDirectory: FleetDirectories(manifestPath: path).stateDirectory,
            allocatePort: number
        )
        options.checkPattern = { LogFilter.problem(ofExpression: $0) }
        options.checkExpression = { text in
            do throws(PromQLError) {
                _ = try Query(text)
                return nil
            } catch {
                return "parse error: \(error.message)"
            }
        }
        options.knowsTimeZone = { SystemClock().utcOffset(ofZone: $0) != nil }
        options.pathKind = Self.kind
        return options
    }

    private static func kind(_ path: String) -> ManifestOptions.PathKind? {
        var isFolder: ObjCBool = false
        // What may not be looked at is not missing.
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return access(path, F_OK) != 0 && errno == ENOENT ? .nothing : nil
        }
        return isFolder.boolValue ? .folder : .file
    }

    /// Asked for each declared port; `nil` leaves the manifest's number.
    private func number(_ request: PortRequest) -> Int? {
        ports.number(for: request)
    }

    /// Larger files are refused before they are read.
    private static let sizeLimit = 4 << 20

    private static func read(_ path: String) throws(Failure) -> [UInt8] {
        // Attributes are of a link itself, not of what it leads to.
        guard let real = realpath(path, nil) else { throw .invalid("\(path): \(reason())") }
        defer { free(real) }
        let facts = (try? FileManager.default.attributesOfItem(atPath: String(cString: real))) ?? [:]
        switch facts[.type] as? FileAttributeType {
        case .typeDirectory: throw .invalid("\(path): is a folder, not a manifest; name a file with -f FILE")
        case .typeRegular: break
        // A pipe or a device could be read for ever.
        default: throw .invalid("\(path): is not a regular file")
        }
        guard (facts[.size] as? NSNumber)?.intValue ?? .max <= sizeLimit else {
            throw .invalid("\(path): is larger than \(sizeLimit >> 20) MiB; that is no manifest")
        }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw .invalid("\(path): cannot be read; check its permissions")
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
