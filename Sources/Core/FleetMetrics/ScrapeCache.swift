/// The series of one target by the raw bytes `name{…}` of its exposition.
///
/// A series that was scraped before is found by comparing bytes, without decoding labels. Bodies list their series in
/// the same order scrape after scrape, so the entry that followed last time is tried before the hash table.
struct ScrapeCache: Sendable {
    struct Entry: Sendable {
        var key: Range<Int>
        var reference: SeriesRef
        /// Number of the scrape that last had the series.
        var lastScrape: UInt64
        /// The exposition gave a timestamp, so no staleness marker is due when the series vanishes.
        var hasOwnTime = false
        /// The entry that followed in the last scrape.
        var next: Int32 = -1
    }

    private(set) var entries: [Entry] = []
    private var keys: [UInt8] = []
    /// Open addressing, power of two; -1 = empty.
    private var table: [Int32] = Array(repeating: -1, count: 64)
    private var hashes: [UInt64] = []
    /// Differs per cache and is an argument of the hash, so that a body cannot be made to collide.
    private let seed: UInt64

    subscript(entry: Int) -> Entry {
        get { entries[entry] }
        set { entries[entry] = newValue }
    }

    /// Calls `body` with the raw text of `entry`; with `nil` when there is no such entry.
    func withKey<Result, Failure: Error>(
        of entry: Int,
        _ body: (UnsafeBufferPointer<UInt8>?) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard entries.indices.contains(entry) else { return try body(nil) }
        let range = entries[entry].key
        return try keys.withUnsafeBufferPointer { (keys) throws(Failure) in
            try body(UnsafeBufferPointer(rebasing: keys[range]))
        }
    }

    func find(_ key: UnsafeBufferPointer<UInt8>) -> Int? {
        let hash = RawBytes.hash(key, seed: seed)
        var position = Int(truncatingIfNeeded: hash) & (table.count - 1)
        while table[position] >= 0 {
            let entry = Int(table[position])
            if hashes[entry] == hash, withKey(of: entry, { other in other.map { RawBytes.areEqual($0, key) } == true })
            {
                return entry
            }
            position = (position + 1) & (table.count - 1)
        }
        return nil
    }

    /// `key` must not be in the cache yet.
    mutating func insert(_ key: UnsafeBufferPointer<UInt8>, _ reference: SeriesRef, scrape: UInt64) -> Int {
        let start = keys.count
        keys.append(contentsOf: key)
        entries.append(Entry(key: start..<keys.count, reference: reference, lastScrape: scrape))
        hashes.append(RawBytes.hash(key, seed: seed))
        if entries.count * 2 > table.count {
            rebuildTable(count: table.count * 2)
        } else {
            place(entries.count - 1)
        }
        return entries.count - 1
    }

    /// Forgets all entries that `scrape` did not have.
    mutating func keepOnly(scrape: UInt64) {
        guard entries.contains(where: { $0.lastScrape != scrape }) else { return }
        var kept = ScrapeCache(seed: seed)
        var moved = [Int32](repeating: -1, count: entries.count)
        for (position, entry) in entries.enumerated() where entry.lastScrape == scrape {
            let key = keys[entry.key]
            let start = kept.keys.count
            kept.keys.append(contentsOf: key)
            var copy = entry
            copy.key = start..<kept.keys.count
            moved[position] = Int32(kept.entries.count)
            kept.entries.append(copy)
            kept.hashes.append(hashes[position])
        }
        for position in kept.entries.indices {
            let next = kept.entries[position].next
            kept.entries[position].next = next >= 0 ? moved[Int(next)] : -1
        }
        var count = 64
        while count < kept.entries.count * 2 { count *= 2 }
        kept.rebuildTable(count: count)
        self = kept
    }

    mutating func removeAll() { self = ScrapeCache(seed: seed) }

    init(seed: UInt64) { self.seed = seed }

    private mutating func rebuildTable(count: Int) {
        table = Array(repeating: -1, count: count)
        for entry in entries.indices { place(entry) }
    }

    private mutating func place(_ entry: Int) {
        var position = Int(truncatingIfNeeded: hashes[entry]) & (table.count - 1)
        while table[position] >= 0 { position = (position + 1) & (table.count - 1) }
        table[position] = Int32(entry)
    }
}
