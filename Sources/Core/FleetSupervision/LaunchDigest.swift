package import FleetModel

/// What a life was launched with, as far as a change of it needs a new process: a digest per field of the manifest, so
/// that it can be kept beside the life without its secrets and compared by a later engine, also of another version.
package struct LaunchDigest: Sendable, Equatable {
    private var fields: [String: String]

    package init(of spec: ServiceSpec) {
        let process = SpecField.all.filter { !$0.isLive }
        fields = Dictionary(process.map { ($0.name, Self.digest($0.text(spec))) }) { first, _ in first }
    }

    /// `command:00000000deadbeef,working_dir:…`; whatever is not understood is left out.
    package init(text: String) {
        fields = [:]
        for field in text.split(separator: ",") {
            let parts = field.split(separator: ":")
            guard parts.count == 2 else { continue }
            fields[String(parts[0])] = String(parts[1])
        }
    }

    package var text: String {
        fields.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
    }

    /// The fields that both know and that differ, in the order of the manifest's documentation.
    package func differences(from other: LaunchDigest) -> [String] {
        SpecField.all.map(\.name).filter { name in
            guard let ours = fields[name], let theirs = other.fields[name] else { return false }
            return ours != theirs
        }
    }

    /// FNV-1a, 64 bits: the same in every process, and enough to tell two texts of a developer's file apart.
    private static func digest(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
