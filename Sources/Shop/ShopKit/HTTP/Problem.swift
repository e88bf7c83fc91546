import Foundation
package import Hummingbird

/// An error answer as an RFC 9457 problem document (`application/problem+json`).
package struct Problem: Error, Sendable, Equatable {
    /// One field of the request that is not acceptable.
    package struct FieldError: Encodable, Sendable, Equatable {
        /// A JSON pointer into the request body.
        package let pointer: String
        package let detail: String

        package init(_ pointer: String, _ detail: String) {
            self.pointer = pointer
            self.detail = detail
        }
    }

    package var status: HTTPResponse.Status
    /// A short name for the kind of problem, the same for each occurrence.
    package var title: String
    package var detail: String
    package var errors: [FieldError] = []
    package var headers: HTTPFields = [:]
    /// Members beyond those of the standard, such as the id of an order that failed.
    package var members: [String: String] = [:]

    package init(
        _ status: HTTPResponse.Status,
        _ title: String,
        _ detail: String,
        errors: [FieldError] = [],
        headers: HTTPFields = [:],
        members: [String: String] = [:]
    ) {
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors
        self.headers = headers
        self.members = members
    }

    package static func notFound(_ what: String) -> Problem {
        Problem(.notFound, "Not found", "\(what) does not exist")
    }

    package static func invalid(_ errors: [FieldError]) -> Problem {
        Problem(.unprocessableContent, "Invalid request", "\(errors.count) field(s) are not acceptable", errors: errors)
    }

    /// The request is fine, and cannot be done as things stand.
    package static func conflict(_ title: String, _ detail: String) -> Problem {
        Problem(.conflict, title, detail)
    }

    /// The request can be read, and asks for what cannot be.
    package static func unprocessable(_ title: String, _ detail: String) -> Problem {
        Problem(.unprocessableContent, title, detail)
    }

    package static func unavailable(_ detail: String) -> Problem {
        Problem(.serviceUnavailable, "Unavailable", detail)
    }
}

extension Problem: HTTPResponseError {
    package func response(from request: Request, context: some RequestContext) throws -> Response {
        var document: [String: JSONValue] = members.mapValues { .string($0) }
        document["type"] = .string("/problems/\(title.lowercased().replacing(" ", with: "-"))")
        document["title"] = .string(title)
        document["status"] = .int(status.code)
        document["detail"] = .string(detail)
        document["instance"] = .string(request.uri.path)
        if !errors.isEmpty {
            document["errors"] = .array(errors.map { ["pointer": .string($0.pointer), "detail": .string($0.detail)] })
        }
        var response = Response.json(JSONValue.object(document), status: status)
        response.headers[.contentType] = "application/problem+json"
        response.headers.append(contentsOf: headers)
        return response
    }
}

extension Response {
    /// A JSON answer of a document built by hand.
    package static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        text(value.text, contentType: "application/json; charset=utf-8", status: status)
    }

    package static func text(
        _ text: String,
        contentType: String = "text/plain; charset=utf-8",
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let buffer = ByteBuffer(string: text)
        let headers: HTTPFields = [.contentType: contentType, .contentLength: String(buffer.readableBytes)]
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }

    /// A JSON answer of an encodable value; keys and dates as the type declares them.
    package static func encoding(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(value)
        var response = Response.text(
            String(decoding: data, as: UTF8.self),
            contentType: "application/json; charset=utf-8"
        )
        response.status = status
        response.headers.append(contentsOf: headers)
        return response
    }
}
