internal import CPlatform
internal import Glibc

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What the port books of all of a user's projects have given out, so that no two ever choose the same number, also
/// while neither has started anything: one file per project in a folder that they share, and a lock around choosing.
struct PortReservations: Sendable {
    private struct Note: Codable {
        var stateDirectory: String
        var numbers: [Int]
    }

    let folder: String
    let stateDirectory: String

    private static let fileLimit = 256 << 10
    /// Projects beyond it are not looked at; nobody has so many.
    private static let projectLimit = 2_048

    private var ownName: String { "\(Hash.fnv1a(stateDirectory)).json" }

    /// /tmp is open to all: a stranger's folder tells us nothing and is told nothing.
    private var isTrusted: Bool {
        let parent = String(folder.prefix(upTo: folder.lastIndex(of: "/") ?? folder.startIndex))
        let folders = parent == FleetDirectories.userFolder ? [parent, folder] : [folder]
        return folders.allSatisfy { (try? FleetDirectories.checkPrivate($0)) != nil }
    }

    /// Runs `body` while no other project chooses. Without a folder that is ours alone, or when somebody holds the lock
    /// for longer than anybody should, it runs all the same: binding tells most of what the lock would have.
    func locked<Answer>(_ body: () -> Answer) -> Answer {
        _ = SmallFile.makeFolder(folder)
        guard isTrusted else { return body() }
        let descriptor = fleet_open("\(folder)/lock", O_RDWR | O_CREAT, 0o600)
        guard descriptor >= 0 else { return body() }
        defer { close(descriptor) }
        for _ in 0..<500 {
            let result = fleet_lock(descriptor)
            if result == 0 {
                defer { fleet_unlock(descriptor) }
                return body()
            }
            guard result == -EWOULDBLOCK else { break }
            usleep(10_000)
        }
        return body()
    }

    /// Numbers of all other projects whose state still exists.
    func others() -> Set<Int> {
        guard isTrusted else { return [] }
        var numbers: Set<Int> = []
        let names = SmallFile.names(in: folder).filter { $0.hasSuffix(".json") && $0 != ownName }
        for name in names.prefix(Self.projectLimit) {
            let path = "\(folder)/\(name)"
            guard let bytes = SmallFile.read(path, limit: Self.fileLimit),
                let note = try? JSONDecoder().decode(Note.self, from: Data(bytes))
            else { continue }
            // A project that was removed, state and all, gives its numbers back.
            guard access(note.stateDirectory, F_OK) == 0 else {
                unlink(path)
                continue
            }
            numbers.formUnion(note.numbers.lazy.filter { (1...65_535).contains($0) })
        }
        return numbers
    }

    /// Replaces what this project holds. Failing is no reason to stop: see `locked`.
    func publish(_ numbers: Set<Int>) {
        guard isTrusted else { return }
        let path = "\(folder)/\(ownName)"
        guard !numbers.isEmpty else {
            unlink(path)
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let note = Note(stateDirectory: stateDirectory, numbers: numbers.sorted())
        guard let data = try? encoder.encode(note) else { return }
        _ = SmallFile.replace(path, with: String(decoding: data, as: UTF8.self))
    }
}
