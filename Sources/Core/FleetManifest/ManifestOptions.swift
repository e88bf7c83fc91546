package import FleetModel

/// What a manifest is read with, apart from its text.
package struct ManifestOptions: Sendable {
    /// Of the operating system.
    package var environment: [String: String]
    /// From `-e K=V`; they win.
    package var overrides: [String: String]
    /// The chosen profiles; none chosen means `default`.
    package var profiles: Set<String>
    /// An unset variable without a default is an error instead of a warning.
    package var strict: Bool
    /// `${FLEET_BIN}`.
    package var fleetBinaryFolder: String
    /// `${FLEET_STATE}`.
    package var stateDirectory: String

    package init(
        environment: [String: String] = [:],
        overrides: [String: String] = [:],
        profiles: Set<String> = [],
        strict: Bool = false,
        fleetBinaryFolder: String = "",
        stateDirectory: String = ""
    ) {
        self.environment = environment
        self.overrides = overrides
        self.profiles = profiles
        self.strict = strict
        self.fleetBinaryFolder = fleetBinaryFolder
        self.stateDirectory = stateDirectory
    }
}

package struct ManifestOutcome: Sendable {
    /// nil as soon as there is an error.
    package var fleet: Fleet?
    /// In the order of the file.
    package var errors: [ManifestError]
    package var warnings: [ManifestError]
}
