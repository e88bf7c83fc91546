internal import CPlatform
internal import Glibc

/// The FIFOs through which lives write that may outlive the engine (`on_engine_death: keep`). The service holds both
/// ends of each: without an engine it waits when a FIFO is full instead of getting SIGPIPE, and the next engine reads on
/// where the last one was killed.
struct KeptFolder: Sendable {
    enum Stream: String, Sendable, CaseIterable {
        case input = "in"
        case output = "out"
        case errors = "err"
    }

    let path: String

    init(stateDirectory: String) { path = "\(stateDirectory)/kept" }

    /// Where the FIFO of a life is, which is told by its tag.
    func path(_ stream: Stream, of tag: String) -> String { "\(path)/\(Hash.fnv1a(tag)).\(stream.rawValue)" }

    /// Creates it unless it is there. `flags` is the direction; the engine's ends do not block.
    /// - Returns: a descriptor, or a negated errno.
    func open(_ stream: Stream, of tag: String, flags: Int32, capacity: Int32) -> Int32 {
        let error = SmallFile.makeFolder(path)
        guard error == 0 else { return -error }
        return fleet_open_fifo(path(stream, of: tag), flags, capacity)
    }

    func remove(_ tag: String) {
        for stream in Stream.allCases { unlink(path(stream, of: tag)) }
    }

    /// Removes what belongs to none of these lives.
    func clear(except tags: [String]) {
        let hashes = Set(tags.map { Hash.fnv1a($0) })
        for name in SmallFile.names(in: path) {
            let hash = name.prefix { $0 != "." }
            if !hashes.contains(String(hash)) { unlink("\(path)/\(name)") }
        }
    }
}
