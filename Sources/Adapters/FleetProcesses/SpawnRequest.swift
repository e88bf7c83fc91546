internal import CPlatform
internal import Glibc

/// One process to start through the shim; see `fleet_spawn` for what every child gets.
struct SpawnRequest {
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

    /// - Returns: the process id, or a negated errno.
    func start() -> Int32 {
        Self.withStrings(arguments) { arguments in
            Self.withStrings(environment) { environment in
                path.withCString { path in
                    guard let directory else { return spawn(path, arguments, environment, nil) }
                    return directory.withCString { spawn(path, arguments, environment, $0) }
                }
            }
        }
    }

    private typealias Strings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    private func spawn(
        _ path: UnsafePointer<CChar>,
        _ arguments: Strings,
        _ environment: Strings,
        _ directory: UnsafePointer<CChar>?
    ) -> Int32 {
        var request = fleet_spawn_request(
            path: path,
            arguments: UnsafePointer(arguments),
            environment: UnsafePointer(environment),
            directory: directory,
            standard_input: standardInput,
            standard_output: standardOutput,
            standard_error: standardError
        )
        return fleet_spawn(&request)
    }

    /// All strings in one block, as `execve` wants them: a NULL-terminated array of pointers.
    private static func withStrings(_ strings: [String], _ body: (Strings) -> Int32) -> Int32 {
        var bytes: [CChar] = []
        var offsets: [Int] = []
        for string in strings {
            offsets.append(bytes.count)
            bytes.append(contentsOf: string.utf8.lazy.map { CChar(bitPattern: $0) })
            bytes.append(0)
        }
        return bytes.withUnsafeMutableBufferPointer { storage in
            var pointers: [UnsafeMutablePointer<CChar>?] = offsets.map { storage.baseAddress?.advanced(by: $0) }
            pointers.append(nil)
            return pointers.withUnsafeMutableBufferPointer { pointers in
                pointers.baseAddress.map(body) ?? -EINVAL
            }
        }
    }
}

/// What the system calls an error number: `No space left on device`.
func errorText(_ number: Int32) -> String {
    String(cString: strerror(abs(number)))
}
