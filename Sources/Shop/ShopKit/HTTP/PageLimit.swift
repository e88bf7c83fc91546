package import Hummingbird

/// The `limit` parameter of lists.
package enum PageLimit {
    /// 20 unless asked otherwise, 100 at most.
    package static func read(_ request: Request) -> Int {
        guard let text = request.uri.queryParameters["limit"], let limit = Int(text) else { return 20 }
        return min(max(limit, 1), 100)
    }
}
