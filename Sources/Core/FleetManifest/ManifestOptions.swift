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
    /// The number of a port, where that is not the manifest's to say: asked once for each declared port of each load,
    /// those with a number of their own first. Answers that are no port, or leave no room for all replicas, count as nil.
    package var allocatePort: @Sendable (PortRequest) -> Int?
    /// What is wrong with a regular expression, in a few words; nil when a `log` probe can match it.
    package var checkPattern: @Sendable (String) -> String? = { _ in nil }
    /// What is wrong with an expression of PromQL, as a whole sentence; nil when it can be asked.
    package var checkExpression: @Sendable (String) -> String? = { _ in nil }
    /// Whether there is a zone of that name, `Area/City`.
    package var knowsTimeZone: @Sendable (String) -> Bool = { _ in true }
    /// What is at an absolute path; nil when that is not looked at, and then nothing is said of it.
    package var pathKind: @Sendable (String) -> PathKind? = { _ in nil }

    package enum PathKind: Sendable, Hashable {
        case nothing
        case folder
        /// A file, or what can be read like one.
        case file
    }

    package init(
        environment: [String: String] = [:],
        overrides: [String: String] = [:],
        profiles: Set<String> = [],
        strict: Bool = false,
        fleetBinaryFolder: String = "",
        stateDirectory: String = "",
        allocatePort: @escaping @Sendable (PortRequest) -> Int? = { _ in nil }
    ) {
        self.environment = environment
        self.overrides = overrides
        self.profiles = profiles
        self.strict = strict
        self.fleetBinaryFolder = fleetBinaryFolder
        self.stateDirectory = stateDirectory
        self.allocatePort = allocatePort
    }
}

/// Asks whoever keeps the book of ports for the number of one port.
package struct PortRequest: Sendable, Hashable {
    package var service: String
    package var port: String
    /// What the manifest says; nil only with `allocate: true`.
    package var wanted: Int?
    /// `allocate: true`. With false, nil is the answer unless somebody has moved the port.
    package var isAllocated: Bool
    /// Replica i takes the i-th number from the answer on. At least 1.
    package var count: Int
    package var host: String
    package var transport: PortSpec.Transport
    /// Numbers that belong to other ports of this fleet or to this one: what the manifest wants and what was answered
    /// so far. A number that is chosen freely must not be among them.
    package var taken: Set<Int>
}

package struct ManifestOutcome: Sendable {
    /// nil as soon as there is an error.
    package var fleet: Fleet?
    /// In the order of the file.
    package var errors: [ManifestError]
    package var warnings: [ManifestError]
    /// Every file that was read or asked for, absolute, each once: known for an invalid manifest, too, so that somebody
    /// can wait for it to be mended.
    package var files: [String] = []
}
