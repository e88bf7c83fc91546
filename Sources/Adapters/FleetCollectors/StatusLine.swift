import NIOHTTP1

/// A status as people read it: `503 Service Unavailable`.
enum StatusLine {
    static func text(_ status: Int) -> String {
        let known = HTTPResponseStatus(statusCode: status)
        if case .custom = known {
            return "\(status)"
        }
        return "\(status) \(known.reasonPhrase)"
    }
}
