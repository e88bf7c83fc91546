import ArgumentParser
import FleetModel
import FleetProcesses
import Foundation

/// Which fleet a command means.
struct ManifestSelection: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("file")],
        help: "The manifest. Default: fleet.yaml here or in a parent folder.",
        completion: .file(extensions: ["yaml", "yml"])
    )
    var file: String?

    func path() throws(Failure) -> String { try ManifestPath.find(file) }
}

/// The same for commands whose `-f` is follow, as in tail, docker and kubectl.
struct LongManifestSelection: ParsableArguments {
    @Option(
        name: .customLong("file"),
        help: "The manifest. Default: fleet.yaml here or in a parent folder.",
        completion: .file(extensions: ["yaml", "yml"])
    )
    var file: String?

    func path() throws(Failure) -> String { try ManifestPath.find(file) }
}

enum ManifestPath {
    /// Absolute and free of links, so that every client of one manifest finds the same engine. The file itself need not
    /// exist: the fleet of a manifest that was deleted can still be named, and stopped.
    static func find(_ file: String?) throws(Failure) -> String {
        if let file { return resolved(file) ?? missing(file) }
        for path in candidates {
            if let path = resolved(path) { return path }
            // Its manifest is gone, but the fleet that was started from here may run on.
            if access(FleetDirectories(manifestPath: path).socketPath, F_OK) == 0 { return path }
        }
        throw .invalid("no fleet.yaml here or in a parent folder; name one with -f FILE")
    }

    static var inThisFolder: String { missing("fleet.yaml") }

    /// `fleet.yaml` and `fleet.yml` here and in every folder above, the nearest first.
    private static var candidates: [String] {
        var paths: [String] = []
        var folder = currentFolder
        while true {
            for name in ["fleet.yaml", "fleet.yml"] { paths.append(folder == "/" ? "/\(name)" : "\(folder)/\(name)") }
            guard folder != "/", let slash = folder.lastIndex(of: "/") else { return paths }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
    }

    /// Of a file that does not exist: its folder resolved, as far as there is one.
    private static func missing(_ file: String) -> String {
        let path = file.hasPrefix("/") ? file : "\(currentFolder)/\(file)"
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return path }
        guard let folder = resolved(String(path[..<slash])) else { return path }
        return "\(folder == "/" ? "" : folder)\(path[slash...])"
    }

    /// However long its path is; Foundation's own knows a limit.
    private static var currentFolder: String {
        guard let path = getcwd(nil, 0) else { return FileManager.default.currentDirectoryPath }
        defer { free(path) }
        return String(cString: path)
    }

    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}

/// How the manifest is read; for the commands that start something or check it.
struct ManifestReading: ParsableArguments {
    @Option(name: .customLong("profile"), help: "Also start the services of this profile. Repeatable.")
    var profiles: [String] = []

    @Option(name: [.customShort("e"), .customLong("env")], help: "K=V for interpolation; wins over the environment.")
    var overrides: [String] = []

    @Flag(help: "An unset variable without a default is an error.")
    var strict = false

    func validate() throws {
        for override in overrides where !override.contains("=") || override.hasPrefix("=") {
            throw ValidationError("-e takes NAME=VALUE, not \"\(override)\"")
        }
    }

    var choices: ManifestChoices {
        var variables: [String: String] = [:]
        for override in overrides {
            let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            variables[String(parts[0])] = String(parts[1])
        }
        return ManifestChoices(profiles: profiles, variables: variables, isStrict: strict)
    }

    /// The same choices for a re-execution of ourselves.
    var arguments: [String] {
        profiles.flatMap { ["--profile", $0] } + overrides.flatMap { ["-e", $0] } + (strict ? ["--strict"] : [])
    }
}

/// The same without the command line: what every later reading of the manifest has to repeat.
struct ManifestChoices: Hashable, Sendable {
    var profiles: [String] = []
    /// From `-e`.
    var variables: [String: String] = [:]
    var isStrict = false

    static let plain = ManifestChoices()
}

struct JSONOption: ParsableArguments {
    @Flag(help: "Print JSON: one document, or one object a line for streams.")
    var json = false
}

/// `500ms`, `10s`, `1m30s`, `2h`; a bare number is seconds.
struct DurationArgument: ExpressibleByArgument {
    let value: Duration

    init(_ value: Duration) { self.value = value }

    var defaultValueDescription: String { TimeText.duration(value) }

    init?(argument: String) {
        if let seconds = Double(argument), seconds.isFinite, (0...1e9).contains(seconds) {
            value = .nanoseconds(Int64(seconds * 1e9))
            return
        }
        var rest = Substring(argument)
        var nanoseconds = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let scale = Self.units[String(unit)] else { return nil }
            nanoseconds += number * scale
        }
        guard (0...9e18).contains(nanoseconds) else { return nil }
        value = .nanoseconds(Int64(nanoseconds))
    }

    private static let units = [
        "ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9,
    ]
}
