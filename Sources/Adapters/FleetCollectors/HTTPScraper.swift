package import FleetEngine
import LeanHTTP

/// Fetches expositions the way Prometheus does: its `Accept` header, gzip, and only 200 is success.
package struct HTTPScraper: Scraping {
    /// What Prometheus 3 sends: a weight per format, the preferred one first.
    private static let accept =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        + "application/openmetrics-text;version=0.0.1;q=0.5,"
        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
        + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

    private let client = LeanHTTPClient(idleConnectionsPerAddress: 1)

    package init() {}

    /// - Parameters:
    ///   - url: Where the exposition is.
    ///   - timeout: For connecting, redirects and the whole body.
    ///   - bodyLimit: Bytes after decompression; like in Prometheus, a body of exactly that size is already too large.
    /// - Returns: The decompressed body, or one line saying why there is none.
    package func scrape(url: String, timeout: Duration, bodyLimit: Int) async -> ScrapeAnswer {
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let response = try await fetch(url, timeout: timeout, bodyLimit: bodyLimit)
            guard response.status == 200 else {
                let reason = "server returned HTTP status \(StatusLine.text(response.status))"
                return .failed(reason, duration: start.duration(to: clock.now))
            }
            let body = try decode(response, bodyLimit: bodyLimit)
            return .body(
                body,
                contentType: response.header("Content-Type") ?? "",
                duration: start.duration(to: clock.now)
            )
        } catch {
            let reason = error.code == .bodyTooLarge ? "body size limit exceeded (\(bodyLimit) bytes)" : error.detail
            return .failed(reason, duration: start.duration(to: clock.now))
        }
    }

    private func fetch(
        _ url: String,
        timeout: Duration,
        bodyLimit: Int
    ) async throws(LeanHTTPError) -> LeanResponse {
        let request = try LeanRequest(
            url: url,
            headers: [
                ("Accept", Self.accept),
                ("Accept-Encoding", "gzip"),
                ("User-Agent", "fleet"),
                ("X-Prometheus-Scrape-Timeout-Seconds", Self.seconds(timeout)),
            ]
        )
        return try await LocalRedirect(client: client, bodyLimit: bodyLimit - 1, cutsLongBody: false)
            .execute(request, deadline: timeout) { $0 == 200 }
    }

    private func decode(_ response: LeanResponse, bodyLimit: Int) throws(LeanHTTPError) -> [UInt8] {
        let value = response.header("Content-Encoding")
        guard let coding = ContentCoding(header: value) else {
            throw LeanHTTPError(code: .other, detail: "unknown content encoding \(value ?? "")")
        }
        do {
            return try coding.decode(response.body, limit: bodyLimit - 1)
        } catch {
            guard case .tooLarge = error else { throw LeanHTTPError(code: .malformedResponse, detail: "\(error)") }
            throw LeanHTTPError(code: .bodyTooLarge, detail: "\(error)")
        }
    }

    /// `10`, `0.5`: the shortest decimal with milliseconds.
    static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        guard seconds >= 0, milliseconds > 0 else { return "\(max(seconds, 0))" }
        var fraction = "\(1000 + milliseconds)".dropFirst()
        while fraction.hasSuffix("0") {
            fraction.removeLast()
        }
        return "\(seconds).\(fraction)"
    }
}
