internal import CPlatform
internal import Glibc

/// One process to start through the shim; see `fleet_spawn` for what every child gets.
struct SpawnRequest {
    /// Soft and hard limit of one resource.
    struct Limit: Hashable {
        var name: String
        var resource: Int32
        var value: UInt64
    }

    /// What became of it.
    struct Outcome {
        /// A negated errno when there is no process.
        var pid: Int32
        /// One of `FLEET_STEP_…`; 0 when it succeeded or no process could be made.
        var failedStep: Int32
        /// Which of the limits or sockets failed.
        var failedIndex: Int
    }

    /// Stands where the child writes its own process id.
    static let pidPlaceholder = String(repeating: "0", count: Int(FLEET_PID_DIGITS))

    /// Where handed-over sockets begin (SD_LISTEN_FDS_START of sd_listen_fds(3)).
    static let firstPassed: Int32 = 3

    var path: String
    var arguments: [String]
    /// `NAME=value`.
    var environment: [String]
    /// `nil` = ours.
    var directory: String?
    /// -1 = /dev/null.
    var standardInput: Int32 = -1
    var standardOutput: Int32 = -1
    var standardError: Int32 = -1
    /// `standardInput` becomes the controlling terminal.
    var hasTerminal = false
    /// They become the descriptors from `firstPassed` on.
    var passed: [Int32] = []
    var limits: [Limit] = []
    /// Variables whose value in `environment` is the placeholder.
    var pidVariables: [String] = []
    /// Whose it is, in a place that it keeps whatever it does to its environment.
    var mark: LifeMark?
    /// It is nobody's, although we may be a service of another fleet.
    var losesMark = false

    /// - Returns: the process id, or a negated errno.
    func start() -> Int32 { attempt().pid }

    func attempt() -> Outcome {
        let arguments = StringBlock(arguments)
        let environment = StringBlock(environment)
        return arguments.withPointers { arguments in
            environment.withPointers { variables in
                path.withCString { path in
                    guard let directory else { return spawn(path, arguments, variables, nil, environment) }
                    return directory.withCString { spawn(path, arguments, variables, $0, environment) }
                }
            }
        }
    }

    private func spawn(
        _ path: UnsafePointer<CChar>,
        _ arguments: StringBlock.Pointers,
        _ environment: StringBlock.Pointers,
        _ directory: UnsafePointer<CChar>?,
        _ block: StringBlock
    ) -> Outcome {
        let places = block.places(of: pidVariables, room: Int(FLEET_PID_DIGITS)).compactMap { index, offset in
            environment[index]?.advanced(by: offset)
        }
        let limits = limits.map { fleet_limit(resource: $0.resource, value: $0.value) }
        return passed.withUnsafeBufferPointer { passed in
            limits.withUnsafeBufferPointer { limits in
                places.withUnsafeBufferPointer { places in
                    var request = fleet_spawn_request(
                        path: path,
                        arguments: UnsafePointer(arguments),
                        environment: UnsafePointer(environment),
                        directory: directory,
                        standard_input: standardInput,
                        standard_output: standardOutput,
                        standard_error: standardError,
                        has_terminal: hasTerminal ? 1 : 0,
                        passed: passed.baseAddress,
                        passed_count: Int32(clamping: passed.count),
                        limits: limits.baseAddress,
                        limit_count: Int32(clamping: limits.count),
                        pid_places: places.baseAddress,
                        pid_place_count: Int32(clamping: places.count),
                        mark: losesMark ? .max : mark?.value ?? 0,
                        failed_step: 0,
                        failed_index: 0
                    )
                    let pid = fleet_spawn(&request)
                    return Outcome(pid: pid, failedStep: request.failed_step, failedIndex: Int(request.failed_index))
                }
            }
        }
    }
}

/// Strings in one block, as `execve` wants them: a NULL-terminated array of pointers.
private struct StringBlock {
    typealias Pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    private let strings: [String]
    private var bytes: [CChar] = []
    private var offsets: [Int] = []

    init(_ strings: [String]) {
        self.strings = strings
        bytes.reserveCapacity(strings.reduce(0) { $0 + $1.utf8.count + 1 })
        offsets.reserveCapacity(strings.count)
        for string in strings {
            offsets.append(bytes.count)
            bytes.append(contentsOf: string.utf8.lazy.map { CChar(bitPattern: $0) })
            bytes.append(0)
        }
    }

    func withPointers(_ body: (Pointers) -> SpawnRequest.Outcome) -> SpawnRequest.Outcome {
        var bytes = bytes
        return bytes.withUnsafeMutableBufferPointer { storage in
            var pointers: [UnsafeMutablePointer<CChar>?] = offsets.map { storage.baseAddress?.advanced(by: $0) }
            pointers.append(nil)
            return pointers.withUnsafeMutableBufferPointer { pointers in
                pointers.baseAddress.map(body) ?? SpawnRequest.Outcome(pid: -EINVAL, failedStep: 0, failedIndex: 0)
            }
        }
    }

    /// Where the values of these variables begin: which string, and the offset in it. Values with less room are left
    /// out.
    func places(of names: [String], room: Int) -> [(index: Int, offset: Int)] {
        names.compactMap { name in
            let prefix = "\(name)="
            let length = prefix.utf8.count
            return strings.firstIndex { $0.hasPrefix(prefix) && $0.utf8.count >= length + room }.map { ($0, length) }
        }
    }
}

/// What the system calls an error number: `No space left on device`.
func errorText(_ number: Int32) -> String {
    String(cString: strerror(abs(number)))
}
