import FleetModel

/// Adds conditions of the console to a filter that the operator wrote.
enum LogFilterText {
    /// `a | b` with `lvl>=warn` becomes `(a | b) lvl>=warn`, because "and" binds stronger than "or". What the operator
    /// wrote stays in front, so that columns in errors fit it.
    static func adding(_ conditions: [String], to filter: String) -> String {
        let extra = conditions.filter { !$0.isEmpty }.joined(separator: " ")
        guard !extra.isEmpty, !filter.isEmpty else { return filter.isEmpty ? extra : filter }
        return needsGroup(filter) ? "(\(filter)) \(extra)" : "\(filter) \(extra)"
    }

    /// What conditions begin with, for completion.
    static let keys = ["svc:", "lvl>=", "trace:", "since:", "until:", "stream:"]
    static let traceKeys = ["service=", "name=", "status=error", "duration>"]

    /// Names in conditions like `svc:orders,users`.
    static func services(in filter: String) -> [String] {
        filter.split { $0 == " " || $0 == "|" || $0 == "(" || $0 == ")" }.flatMap { word -> [String] in
            let word = word.drop { $0 == "-" || $0 == "!" }
            guard word.hasPrefix("svc:") else { return [] }
            return word.dropFirst(4).split(separator: ",").map(String.init)
        }
    }

    static func needsGroup(_ filter: String) -> Bool { filter.contains("|") }

    static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    static func word(for severity: LogSeverity) -> String {
        switch severity {
        case .unspecified: "all"
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .warning: "warn"
        case .error: "error"
        case .fatal: "fatal"
        }
    }
}
