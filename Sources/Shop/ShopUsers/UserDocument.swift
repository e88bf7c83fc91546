import ShopKit

/// A user as the API shows it.
struct UserDocument: Codable, Sendable {
    let id: String
    let name: String
    let email: String
    let createdAt: String

    enum CodingKeys: String, CodingKey {
        case id, name, email
        case createdAt = "created_at"
    }
}

/// What a client sends to create a user. All optional: a missing field is one more thing to report.
struct UserDraft: Decodable, Sendable {
    let name: String?
    let email: String?

    /// The fields, once all of them are acceptable.
    ///
    /// - Throws: A problem that lists every field that is not.
    func validated() throws(Problem) -> (name: String, email: String) {
        var errors: [Problem.FieldError] = []
        let name = (name ?? "").trimmed
        if name.isEmpty { errors.append(.init("#/name", "must not be empty")) }
        if name.count > 100 { errors.append(.init("#/name", "must not be longer than 100 characters")) }
        let email = (email ?? "").trimmed.lowercased()
        if !Self.isAddress(email) { errors.append(.init("#/email", "must be an e-mail address")) }
        guard errors.isEmpty else { throw .invalid(errors) }
        return (name, email)
    }

    /// Something, an @, and a name with a dot: what is worth checking before a message is sent there.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, !text.contains(" ") else { return false }
        return !parts[0].isEmpty && parts[1].split(separator: ".").count >= 2
    }
}
