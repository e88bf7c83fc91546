/// Scores how well typed letters fit a text: all must occur in order; beginnings of words and runs count more.
enum FuzzyMatch {
    /// `nil` when they do not fit; higher is better.
    static func score(_ typed: String, in text: String) -> Int? {
        let wanted = Array(typed.lowercased())
        guard !wanted.isEmpty else { return 0 }
        let letters = Array(text.lowercased())
        if let exact = position(of: wanted, in: letters) {
            let startsWord = exact == 0 || !isWordLetter(letters[exact - 1])
            return 1000 + (exact == 0 ? 500 : startsWord ? 250 : 0) - min(200, letters.count)
        }
        var score = 0
        var place = 0
        var previous = -2
        for letter in wanted {
            guard let found = letters[place...].firstIndex(of: letter) else { return nil }
            score += found == previous + 1 ? 8 : (found == 0 || !isWordLetter(letters[found - 1]) ? 6 : 1)
            previous = found
            place = found + 1
        }
        // Letters strewn over a long text fit anything; on average they have to begin words or follow each other.
        guard score >= wanted.count * 4 else { return nil }
        return score - min(20, letters.count / 4)
    }

    /// What a text scores at least that has the typed letters in one piece.
    static let whole = 700

    private static func position(of wanted: [Character], in letters: [Character]) -> Int? {
        guard wanted.count <= letters.count else { return nil }
        return (0...(letters.count - wanted.count)).first { letters[$0..<($0 + wanted.count)].elementsEqual(wanted) }
    }

    private static func isWordLetter(_ letter: Character) -> Bool { letter.isLetter || letter.isNumber }
}
