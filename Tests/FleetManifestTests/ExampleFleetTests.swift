import FleetModel
import Foundation
import Testing

@testable import FleetManifest

/// The manifest that the project ships has to stay loadable.
struct ExampleFleetTests {
    private static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "fleet.yaml").path()

    @Test(.enabled(if: FileManager.default.fileExists(atPath: path), "there is no fleet.yaml beside the package"))
    func `the example fleet loads without a complaint`() throws {
        let options = ManifestOptions(fleetBinaryFolder: "/opt/fleet", stateDirectory: "/var/fleet")
        let outcome = try ManifestLoader.load(path: Self.path, options: options) { path in
            try Array(Data(contentsOf: URL(filePath: path)))
        }
        #expect(outcome.errors.map(\.description) == [])
        #expect(outcome.warnings.map(\.description) == [])
        #expect((outcome.fleet?.services.count ?? 0) > 0)
    }
}
