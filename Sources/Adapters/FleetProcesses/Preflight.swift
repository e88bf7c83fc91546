internal import FleetEngine
internal import FleetModel
internal import Glibc

/// What has to be true before a spawn, with a sentence for each thing that is not. Spawning would fail too, but with
/// one error number for several causes.
struct Preflight {
    var executable: String
    var arguments: [String]
    var directory: String
    var environment: [String]

    init(_ command: CommandLine, _ launch: Launch, _ environment: ChildEnvironment) throws(SpawnFailure) {
        directory = launch.spec.workingDirectory
        arguments = command.arguments
        self.environment = environment.strings
        guard !arguments.contains(where: { $0.utf8.contains(0) }), !directory.utf8.contains(0) else {
            throw .failed("the command holds a NUL byte, which no process can be given")
        }
        try Self.checkFolder(directory)
        guard let name = arguments.first, !name.isEmpty else { throw .failed("the command is empty") }
        executable = try Self.find(name, in: directory, path: environment.variables["PATH"])
    }

    private static func checkFolder(_ directory: String) throws(SpawnFailure) {
        guard let mode = mode(of: directory) else { throw .blocked("folder \(directory) does not exist") }
        guard mode & S_IFMT == S_IFDIR else { throw .blocked("\(directory) is not a folder") }
        guard access(directory, X_OK) == 0 else { throw .blocked("folder \(directory) may not be entered") }
    }

    /// As `execvp` does: a name with a slash is a path from the working folder, others are looked up in the child's
    /// PATH.
    private static func find(_ name: String, in directory: String, path: String?) throws(SpawnFailure) -> String {
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }
        if name.contains("/") {
            let path = absolute(name)
            guard let mode = mode(of: path) else { throw .blocked("\(path) does not exist") }
            guard mode & S_IFMT == S_IFREG else { throw .blocked("\(path) is not a file") }
            guard access(path, X_OK) == 0 else { throw .blocked("\(path) is not executable") }
            return path
        }
        var denied: String?
        let folders = (path ?? ChildEnvironment.defaultPath).split(separator: ":", omittingEmptySubsequences: false)
        for folder in folders {
            let candidate = absolute(folder.isEmpty ? name : "\(folder)/\(name)")
            guard let mode = mode(of: candidate), mode & S_IFMT == S_IFREG else { continue }
            if access(candidate, X_OK) == 0 { return candidate }
            denied = denied ?? candidate
        }
        if let denied { throw .blocked("\(denied) is not executable") }
        throw .blocked("\(name) was not found in PATH")
    }

    private static func mode(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode : nil
    }

    /// What an error of spawning means.
    func failure(_ number: Int32) -> SpawnFailure {
        switch number {
        case E2BIG:
            let bytes = (arguments + environment).reduce(0) { $0 + $1.utf8.count + 1 }
            return .failed(
                "command line and environment are too large for the system (E2BIG): \(bytes / 1024) KiB in "
                    + "\(arguments.count + environment.count) strings; one string may have 128 KiB"
            )
        case EAGAIN: return .failed("out of processes: the user's limit or the system's is reached (EAGAIN)")
        case ENOMEM: return .failed("out of memory while starting \(executable) (ENOMEM)")
        case EMFILE, ENFILE: return .failed("out of file descriptors while starting \(executable)")
        case ENOEXEC: return .failed("\(executable) is neither a program nor a script that begins with #!")
        case ETXTBSY: return .blocked("\(executable) is being written")
        case ENOENT: return .blocked("\(executable), its interpreter or its loader does not exist")
        case EACCES, EPERM: return .blocked("\(executable) may not be executed: \(errorText(number))")
        default: return .failed("\(executable) could not be started: \(errorText(number))")
        }
    }
}
