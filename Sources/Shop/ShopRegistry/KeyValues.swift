/// One key of the key/value store.
package struct KeyEntry: Sendable, Equatable {
    package let key: String
    package var value: [UInt8]
    package var flags: UInt64
    package let createIndex: UInt64
    package var modifyIndex: UInt64
}

package enum KeyValueError: Error, Equatable {
    case tooLarge
    case tooManyKeys
}

/// The key/value store as a value, with Consul's check-and-set and its indexes for watchers.
package struct KeyValues: Sendable {
    /// Bytes of one value (Consul's limit).
    package static let valueLimit = 512 << 10
    static let keyLimit = 10_000

    private var entries: [String: KeyEntry] = [:]
    package private(set) var index: UInt64 = 1
    /// The last removal under a prefix is not tracked per key: any removal wakes every watcher of something missing.
    private var removalIndex: UInt64 = 1

    package init() {}

    package init(restoring stored: [KeyEntry]) {
        for entry in stored {
            entries[entry.key] = entry
            index = max(index, entry.modifyIndex)
        }
        removalIndex = index
    }

    package func entry(_ key: String) -> KeyEntry? { entries[key] }

    package func entries(under prefix: String) -> [KeyEntry] {
        entries.values.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
    }

    /// What a watcher of the key, or of everything under the prefix, sees.
    package func index(of key: String, isPrefix: Bool) -> UInt64 {
        guard isPrefix else { return entries[key]?.modifyIndex ?? removalIndex }
        return max(entries(under: key).map(\.modifyIndex).max() ?? 1, removalIndex)
    }

    /// Stores a value.
    ///
    /// `expected`: with check-and-set, the modify index the key must have; 0 for "must not exist".
    /// False when the expectation does not hold.
    package mutating func put(
        _ key: String,
        _ value: [UInt8],
        flags: UInt64 = 0,
        expected: UInt64? = nil
    ) throws(KeyValueError) -> Bool {
        guard value.count <= Self.valueLimit else { throw .tooLarge }
        let known = entries[key]
        if let expected, (known?.modifyIndex ?? 0) != expected { return false }
        guard known != nil || entries.count < Self.keyLimit else { throw .tooManyKeys }
        if let known, known.value == value, known.flags == flags { return true }
        index += 1
        entries[key] = KeyEntry(
            key: key,
            value: value,
            flags: flags,
            createIndex: known?.createIndex ?? index,
            modifyIndex: index
        )
        return true
    }

    /// Removes a key, or all under a prefix. False when a check-and-set expectation does not hold.
    package mutating func remove(_ key: String, isPrefix: Bool, expected: UInt64? = nil) -> Bool {
        if let expected, expected != 0, let known = entries[key], known.modifyIndex != expected { return false }
        let doomed = isPrefix ? entries(under: key).map(\.key) : entries[key].map { [$0.key] } ?? []
        guard !doomed.isEmpty else { return true }
        index += 1
        removalIndex = index
        for key in doomed { entries[key] = nil }
        return true
    }
}
