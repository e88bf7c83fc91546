/// One entry of `develop.watch` (compose specification, develop): what to look at and what to do.
package struct WatchRule: Hashable, Sendable, Codable {
    package enum Action: Hashable, Sendable, Codable {
        case restart
        /// Runs `build`, then restarts when that succeeded.
        case rebuild
        case exec(CommandLine)
        case signal(Int32)

        /// For people: `restart`, `exec make assets`, `SIGHUP`.
        package var text: String {
            switch self {
            case .restart: "restart"
            case .rebuild: "rebuild"
            case .exec(let command): "exec \(command.text)"
            case .signal(let number): SignalName.name(of: number)
            }
        }
    }

    /// Absolute; a file or a folder.
    package var path: String
    /// Glob patterns relative to `path`; empty = everything.
    package var include: [String]
    /// Glob patterns relative to `path`, in addition to the default ones.
    package var ignore: [String]
    package var action: Action

    package init(path: String, include: [String] = [], ignore: [String] = [], action: Action) {
        self.path = path
        self.include = include
        self.ignore = ignore
        self.action = action
    }
}
