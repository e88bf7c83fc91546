import FleetModel

/// What looks like a secret: by the name of its variable, or by itself. It errs on the side of hiding.
enum SecretPatterns {
    /// Anywhere in the name, `_` and `-` left out.
    private static let fragments = [
        "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY", "PRIVATEKEY", "ACCESSKEY",
        "SIGNINGKEY", "ENCRYPTIONKEY",
    ]
    /// A word of the name; inside a longer word they mean something else (`KEYBOARD`, `AUTHOR`, `COMPASS`).
    private static let words: Set<String> = [
        "KEY", "KEYS", "PASS", "PW", "AUTH", "AUTHORIZATION", "PRIVATE", "CRED", "CREDS", "COOKIE", "SALT",
    ]
    /// The name of a place where a secret is kept is none itself.
    private static let places: Set<String> = ["FILE", "PATH", "DIR", "SOCK", "SOCKET"]
    private static let harmlessValues: Set<String> = ["", "true", "false", "yes", "no", "on", "off", "none", "null"]

    /// `value`: `nil` for a variable that is unset.
    static func isSecret(name: String, value: String?) -> Bool {
        guard let value, !harmlessValues.contains(value.lowercased()) else { return false }
        return isSecret(name: name) || isSecret(value: value)
    }

    static func isSecret(name: String) -> Bool {
        let words = Self.words(of: name)
        if let last = words.last, places.contains(last) { return false }
        let whole = words.joined()
        return words.contains(where: Self.words.contains) || fragments.contains(where: whole.contains)
    }

    static func isSecret(value: String) -> Bool {
        !SecretText.secrets(in: Array(value.utf8)).isEmpty
    }

    /// `dbPassword2` → `DB`, `PASSWORD`; `API_KEY` → `API`, `KEY`.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for character in name.prefix(256) {
            guard character.isLetter else {
                words.append(word)
                word = ""
                wasLower = false
                continue
            }
            if wasLower, character.isUppercase {
                words.append(word)
                word = ""
            }
            wasLower = character.isLowercase
            word.append(character)
        }
        words.append(word)
        return words.filter { !$0.isEmpty }.map { $0.uppercased() }
    }
}
