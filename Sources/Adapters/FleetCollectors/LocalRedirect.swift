import LeanHTTP

/// Follows redirects that stay on the same host and port: `/health` to `/health/` is housekeeping, a redirect to another
/// host says nothing about the service that was asked.
struct LocalRedirect {
    private static let limit = 5

    let client: LeanHTTPClient
    let bodyLimit: Int
    let cutsLongBody: Bool

    /// - Parameters:
    ///   - request: A GET or HEAD; others are not repeated elsewhere.
    ///   - deadline: For everything together.
    ///   - isFinal: Ends the journey at a redirect that is good enough as an answer.
    /// - Returns: The last response of the journey; a redirect when it leads elsewhere or in circles.
    /// - Throws: Why there is no complete response.
    func execute(
        _ request: LeanRequest,
        deadline: Duration,
        isFinal: (Int) -> Bool
    ) async throws(LeanHTTPError) -> LeanResponse {
        let clock = ContinuousClock()
        let end = clock.now + deadline
        var request = request
        var left = Self.limit
        while true {
            let response = try await client.execute(
                request,
                deadline: left == Self.limit ? deadline : clock.now.duration(to: end),
                bodyLimit: bodyLimit,
                cutsLongBody: cutsLongBody
            )
            guard left > 0, !isFinal(response.status), let target = Self.target(of: response, to: request) else {
                return response
            }
            request.target = target
            left -= 1
        }
    }

    private static func target(of response: LeanResponse, to request: LeanRequest) -> String? {
        guard [301, 302, 303, 307, 308].contains(response.status), ["GET", "HEAD"].contains(request.method),
            let location = response.header("Location"), !location.isEmpty
        else { return nil }
        if location.hasPrefix("//") || location.contains("://") {
            let url = location.hasPrefix("//") ? "http:" + location : location
            guard let elsewhere = try? LeanRequest(url: url), elsewhere.address == request.address else { return nil }
            return elsewhere.target
        }
        let path = request.target.prefix { $0 != "?" }
        let resolved: String
        switch location.first {
        case "/":
            resolved = location
        case "?":
            resolved = path + location
        default:
            resolved = path[..<(path.lastIndex(of: "/") ?? path.startIndex)] + "/" + location
        }
        // The same cleaning as for any URL.
        return (try? LeanRequest(url: "http://host" + resolved))?.target
    }
}
