import Foundation
import ShopKit

/// The registry's values as the JSON documents of Consul's API.
enum ConsulDocuments {
    static let nodeName = "shop"
    static let nodeID = "00000000-0000-4000-8000-000000000001"
    static let datacenter = "dc1"

    static var node: JSONValue {
        [
            "ID": .string(nodeID), "Node": .string(nodeName), "Address": "127.0.0.1", "Datacenter": .string(datacenter),
            "TaggedAddresses": ["lan": "127.0.0.1", "wan": "127.0.0.1"], "Meta": [:], "CreateIndex": 1,
            "ModifyIndex": 1,
        ]
    }

    static func strings(_ values: [String]) -> JSONValue { .array(values.map(JSONValue.string)) }

    static func map(_ values: [String: String]) -> JSONValue { .object(values.mapValues(JSONValue.string)) }

    private static func index(_ value: UInt64) -> JSONValue { .int(Int(clamping: value)) }

    /// As under `/v1/agent/services`, and under `Service` in `/v1/health/service`.
    static func service(_ service: CatalogService) -> JSONValue {
        let registration = service.registration
        return [
            "ID": .string(registration.id), "Service": .string(registration.name), "Tags": strings(registration.tags),
            "Meta": map(registration.meta), "Port": .int(registration.port), "Address": .string(registration.address),
            "Weights": ["Passing": 1, "Warning": 1], "EnableTagOverride": false, "Datacenter": .string(datacenter),
            "CreateIndex": index(service.createIndex), "ModifyIndex": index(service.modifyIndex),
        ]
    }

    /// As under `/v1/catalog/service/:name`.
    static func catalogService(_ service: CatalogService) -> JSONValue {
        let registration = service.registration
        return [
            "ID": .string(nodeID), "Node": .string(nodeName), "Address": "127.0.0.1", "Datacenter": .string(datacenter),
            "TaggedAddresses": ["lan": "127.0.0.1", "wan": "127.0.0.1"], "NodeMeta": [:],
            "ServiceID": .string(registration.id), "ServiceName": .string(registration.name),
            "ServiceTags": strings(registration.tags), "ServiceMeta": map(registration.meta),
            "ServiceAddress": .string(registration.address), "ServicePort": .int(registration.port),
            "ServiceWeights": ["Passing": 1, "Warning": 1], "ServiceEnableTagOverride": false,
            "CreateIndex": index(service.createIndex), "ModifyIndex": index(service.modifyIndex),
        ]
    }

    static func check(_ check: CatalogCheck, of service: CatalogService?) -> JSONValue {
        let definition = check.definition
        return [
            "Node": .string(nodeName), "CheckID": .string(definition.id), "Name": .string(definition.name),
            "Status": .string(check.status.rawValue), "Notes": .string(definition.notes),
            "Output": .string(check.output), "ServiceID": .string(definition.serviceID),
            "ServiceName": .string(service?.registration.name ?? ""),
            "ServiceTags": strings(service?.registration.tags ?? []), "Type": .string(kind(definition.probe)),
            "CreateIndex": index(check.createIndex), "ModifyIndex": index(check.modifyIndex),
        ]
    }

    /// The check every node has: that its agent answers.
    static var nodeCheck: JSONValue {
        [
            "Node": .string(nodeName), "CheckID": "serfHealth", "Name": "Serf Health Status", "Status": "passing",
            "Notes": "", "Output": "Agent alive and reachable", "ServiceID": "", "ServiceName": "", "ServiceTags": [],
            "Type": "", "CreateIndex": 1, "ModifyIndex": 1,
        ]
    }

    static func key(_ entry: KeyEntry) -> JSONValue {
        [
            "LockIndex": 0, "Key": .string(entry.key), "Flags": index(entry.flags),
            "Value": entry.value.isEmpty ? .null : .string(base64(entry.value)),
            "CreateIndex": index(entry.createIndex), "ModifyIndex": index(entry.modifyIndex),
        ]
    }

    private static func kind(_ probe: CheckDefinition.Probe) -> String {
        switch probe {
        case .http: "http"
        case .tcp: "tcp"
        case .ttl: "ttl"
        case .none: ""
        case .unprobed(let kind): kind
        }
    }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
