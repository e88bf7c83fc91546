/// A name that the fleet does not have, with the nearest one that it has.
package struct UnknownService: Error, Sendable, Hashable, CustomStringConvertible {
    package let name: String
    package let nearest: String?

    package init(name: String, nearest: String?) {
        self.name = name
        self.nearest = nearest
    }

    package var description: String {
        guard let nearest else { return "no service named \"\(name)\"" }
        return "no service named \"\(name)\"; did you mean \"\(nearest)\"?"
    }
}
