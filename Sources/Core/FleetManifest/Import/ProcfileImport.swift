/// A Procfile (foreman, overmind, hivemind, Heroku) as a manifest: a name, a colon, a command on each line.
struct ProcfileImport {
    let log: ImportLog

    /// foreman's: the first process gets 5000, each further one 100 more.
    private static let firstPort = 5000
    private static let portStep = 100

    private struct Line {
        var number: Int
        var name: String
        var command: String
    }

    func draft(_ bytes: [UInt8]) -> Draft? {
        guard bytes.count <= TreeReader.sizeLimit, let text = String(validating: bytes, as: UTF8.self),
            !bytes.contains(0)
        else {
            let message = bytes.count > TreeReader.sizeLimit ? "is too large for a Procfile" : "is not UTF-8 text"
            log.findings.error(.unreadable, at: .whole(log.file), message)
            return nil
        }
        let lines = lines(text)
        guard !lines.isEmpty else {
            log.findings.error(.missing, at: .whole(log.file), "has no line of the form \"name: command\"")
            return nil
        }
        var manifest = DraftMapping()
        // Whoever runs Procfiles gives `.env` beside them to every process.
        manifest.put("env_file", Self.dotenv)
        var names = ServiceNames()
        var services = DraftMapping()
        for (index, line) in lines.enumerated() {
            let name = names.add(line.name)
            if name != line.name {
                log.note(ImportPath("") / line.name, line: line.number, "is called \"\(name)\" in the manifest")
            }
            services.put(name, service(line, index: index))
        }
        manifest.put("services", services.draft)
        return manifest.draft
    }

    static let dotenv = Draft.list([
        .mapping([
            Draft.Entry(key: "path", value: .text(".env")), Draft.Entry(key: "required", value: .boolean(false)),
        ])
    ])

    private func service(_ line: Line, index: Int) -> Draft {
        var service = DraftMapping()
        service.put("command", DollarText.carried(line.command, .literal).text)
        let port = Self.firstPort + index * Self.portStep
        if port <= 65_535 {
            service.put("ports", .list([.integer(port)]))
        } else {
            log.note(ImportPath("") / line.name, line: line.number, "no port is left for it")
        }
        return service.draft
    }

    private func lines(_ text: String) -> [Line] {
        var lines: [Line] = []
        var indices: [String: Int] = [:]
        let all = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, raw) in all.enumerated() {
            var bytes = raw
            if index == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
            while let last = bytes.last, last <= 32 { bytes = bytes.dropLast() }
            let trimmed = bytes.drop { $0 <= 32 }
            guard let first = trimmed.first, first != UInt8(ascii: "#") else { continue }
            let name = bytes.prefix { Self.isNameByte($0) }
            let rest = bytes.dropFirst(name.count)
            let command = rest.dropFirst().drop { $0 <= 32 }
            guard !name.isEmpty, rest.first == UInt8(ascii: ":"), !command.isEmpty, lines.count < 5000 else {
                log.note(ImportPath(""), line: index + 1, "is no line of the form \"name: command\"; left out")
                continue
            }
            let title = String(decoding: name, as: UTF8.self)
            let line = Line(number: index + 1, name: title, command: String(decoding: command, as: UTF8.self))
            if let earlier = indices[title] {
                // foreman goes by the last one; two services of one name help nobody.
                log.note(
                    ImportPath("") / title,
                    line: lines[earlier].number,
                    "is given again below; the last one counts"
                )
                lines[earlier] = line
            } else {
                indices[title] = lines.count
                lines.append(line)
            }
        }
        return lines
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 95
    }
}
