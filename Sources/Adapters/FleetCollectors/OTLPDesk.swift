import FleetEngine

/// Turns a complete request into its answer: decompress, hand to the sink, word the receipt.
struct OTLPDesk: Sendable {
    let sink: any TelemetrySink
    /// Bytes of a body, compressed and decompressed.
    let bodyLimit: Int

    /// Takes as long as the decoding does; not for an event loop.
    func answer(_ route: OTLPRoute, _ body: [UInt8]) -> OTLPReply {
        do {
            let content = try route.coding.decode(body, limit: bodyLimit)
            let receipt = try sink.receive(route.signal, content, encoding: route.encoding)
            return .accepted(receipt, route.signal, in: route.encoding)
        } catch let error as DecompressionError {
            if case .tooLarge = error {
                return tooLarge(route.encoding)
            }
            return .refusal(.malformed, "\(error)", in: route.encoding)
        } catch let rejection as TelemetryRejection {
            return Self.reply(to: rejection, route)
        } catch {
            return .refusal(.malformed, "\(error)", in: route.encoding)
        }
    }

    func tooLarge(_ encoding: TelemetryEncoding) -> OTLPReply {
        .refusal(.tooLarge, "the body is larger than \(bodyLimit) bytes", in: encoding)
    }

    func overloaded(_ encoding: TelemetryEncoding) -> OTLPReply {
        .refusal(.overloaded, "too much telemetry at once, try again later", in: encoding)
    }

    private static func reply(to rejection: TelemetryRejection, _ route: OTLPRoute) -> OTLPReply {
        switch rejection {
        case .malformed(let reason):
            .refusal(.malformed, reason, in: route.encoding)
        case .unsupported:
            .refusal(.notFound, "\(route.signal.rawValue) are not received here", in: route.encoding)
        case .overloaded:
            .refusal(.overloaded, "too much telemetry at once, try again later", in: route.encoding)
        }
    }
}
