/// What the manifest says of files and folders of this machine, to be looked at when all of it has been read: a path that
/// leads nowhere is no error before something is started there.
final class MentionedPaths {
    enum Role: Hashable {
        case environmentFile(isRequired: Bool)
        case workingDirectory
        case watched
    }

    struct Mention {
        /// Absolute.
        var path: String
        var role: Role
        /// As the manifest has it.
        var text: String
        var place: Place
    }

    private struct Key: Hashable {
        var path: String
        var role: Role
    }

    /// Of as many as anybody would look at.
    static let limit = 1000

    /// In the order of reading; the same path in the same role is said once.
    private(set) var list: [Mention] = []
    private var seen: Set<Key> = []

    func add(_ path: String, _ role: Role, _ text: String, at place: Place) {
        guard list.count < Self.limit, seen.insert(Key(path: path, role: role)).inserted else { return }
        list.append(Mention(path: path, role: role, text: text, place: place))
    }
}
