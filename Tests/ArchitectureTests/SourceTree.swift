import Foundation

/// The package's own sources, as text.
struct SourceTree {
    struct File {
        /// Folder below `Sources`: the layer.
        let layer: String
        let target: String
        let path: String
        let text: String

        private static let mathematics: Set<String> = Set(
            [
                "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "exp", "log", "log10",
                "log2", "pow",
                "sin", "sinh", "tan", "tanh",
            ].flatMap { ["Glibc.\($0)", "Darwin.\($0)"] }
        )

        /// Modules named by import declarations, whatever their access level or attributes.
        var imports: Set<String> {
            var names: Set<String> = []
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                guard let keyword = words.firstIndex(of: "import"), words.count > keyword + 1 else { continue }
                let modifiers = words[..<keyword]
                guard
                    modifiers.allSatisfy({
                        ["package", "internal", "private", "fileprivate"].contains($0) || $0.hasPrefix("@")
                    })
                else { continue }
                let kinds = ["struct", "class", "enum", "func", "var", "let", "protocol", "typealias"]
                let isOneName = kinds.contains(words[keyword + 1])
                let name = isOneName ? words.dropFirst(keyword + 2).first : words[keyword + 1]
                // A function of the mathematics library is as pure as the operators of the language.
                if words[keyword + 1] == "func", let name, Self.mathematics.contains(name) { continue }
                if let module = name?.split(separator: ".").first { names.insert(String(module)) }
            }
            return names
        }
    }

    /// The current folder, from which the tests are run, or the one that this file lies in.
    static let root: URL = {
        let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        if FileManager.default.fileExists(atPath: here.appendingPathComponent("Sources/Core").path) { return here }
        var url = URL(fileURLWithPath: #filePath)
        while url.pathComponents.count > 1 {
            url.deleteLastPathComponent()
            let manifest = url.appendingPathComponent("Package.swift").path
            if FileManager.default.fileExists(atPath: manifest) { break }
        }
        return url
    }()

    let files: [File]

    init() throws {
        let sources = Self.root.appendingPathComponent("Sources")
        var files: [File] = []
        let walk = FileManager.default.enumerator(atPath: sources.path)
        while let path = walk?.nextObject() as? String {
            let parts = path.split(separator: "/").map(String.init)
            guard path.hasSuffix(".swift"), parts.count >= 3 else { continue }
            let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
            files.append(File(layer: parts[0], target: parts[1], path: path, text: text))
        }
        self.files = files
    }

    /// Lines of code: comments and the text of simple string literals are left out.
    static func code(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let line = String(line)
            guard let comment = line.range(of: "//") else { return line }
            return String(line[..<comment.lowerBound])
        }
    }
}
