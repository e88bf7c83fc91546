/// A topic name with wildcards, as RabbitMQ's topic exchanges read them: words are separated by dots, `*` stands for
/// one word, `#` for any number of words.
package struct TopicPattern: Hashable, Sendable {
    package let text: String
    private let words: [Substring]

    package init(_ text: String) {
        self.text = text
        words = text.split(separator: ".", omittingEmptySubsequences: false)
    }

    package func matches(_ topic: String) -> Bool {
        let topic = topic.split(separator: ".", omittingEmptySubsequences: false)
        // Which prefixes of the topic the pattern so far matches; linear in pattern times topic, whatever `#`s say.
        var reachable = [Bool](repeating: false, count: topic.count + 1)
        reachable[0] = true
        for word in words {
            if word == "#" {
                guard let first = reachable.firstIndex(of: true) else { return false }
                for index in first..<reachable.count { reachable[index] = true }
                continue
            }
            for index in stride(from: topic.count, to: 0, by: -1) {
                reachable[index] = reachable[index - 1] && (word == "*" || word == topic[index - 1])
            }
            reachable[0] = false
        }
        return reachable[topic.count]
    }
}
