/// One series in the store.
struct StoredSeries: Sendable {
    struct Chunk: Sendable {
        let bytes: [UInt8]
        let count: Int
        let firstTime: Int64
        let lastTime: Int64

        /// Memory including the array's header and this struct.
        var cost: Int { bytes.count + 72 }
    }

    let labels: SeriesLabels
    var generation: UInt32
    var isLive = true
    /// Sealed samples, oldest first.
    var chunks: [Chunk] = []
    /// The newest samples, at most `SeriesStore.samplesPerChunk`.
    var open: [SamplePoint] = []
    private(set) var lastTime = Int64.min
    private(set) var lastBits: UInt64 = 0

    init(labels: SeriesLabels, generation: UInt32) {
        self.labels = labels
        self.generation = generation
    }

    var sampleCount: Int { chunks.reduce(open.count) { $0 + $1.count } }

    var cost: Int { chunks.reduce(open.capacity * 16) { $0 + $1.cost } }

    var firstTime: Int64? { chunks.first?.firstTime ?? open.first?.time }

    /// Returns by how many bytes the series grew.
    mutating func append(_ point: SamplePoint) -> Int {
        lastTime = point.time
        lastBits = point.value.bitPattern
        var grown = 0
        if open.count >= SeriesStore.samplesPerChunk {
            grown = seal()
        }
        let capacity = open.capacity
        open.append(point)
        if open.capacity != capacity { grown += (open.capacity - capacity) * 16 }
        return grown
    }

    private mutating func seal() -> Int {
        guard let first = open.first, let last = open.last else { return 0 }
        let bytes = XORChunk.encode(open)
        let chunk = Chunk(bytes: bytes, count: open.count, firstTime: first.time, lastTime: last.time)
        chunks.append(chunk)
        open.removeAll(keepingCapacity: true)
        return chunk.cost
    }

    /// Drops sealed chunks that end before `cutoff`, and the open samples when all of them do.
    /// Returns the number of samples gone.
    mutating func drop(before cutoff: Int64) -> Int {
        var dropped = 0
        let expired = chunks.prefix { $0.lastTime < cutoff }.count
        if expired > 0 {
            dropped = chunks[..<expired].reduce(0) { $0 + $1.count }
            chunks.removeFirst(expired)
        }
        if chunks.isEmpty, lastTime < cutoff {
            dropped += open.count
            open = []
        }
        return dropped
    }

    /// Samples with `from <= time <= through`, in order.
    func copy(from: Int64, through: Int64, into selection: inout SeriesSelection) {
        for chunk in chunks where chunk.lastTime >= from && chunk.firstTime <= through {
            chunk.bytes.withUnsafeBufferPointer { bytes in
                XORChunk.forEach(bytes) { time, value in
                    guard time <= through else { return false }
                    if time >= from { selection.append(time, value) }
                    return true
                }
            }
        }
        guard let first = open.first, first.time <= through, lastTime >= from else { return }
        var start = open.count
        while start > 0, open[start - 1].time >= from { start -= 1 }
        var end = open.count
        while end > start, open[end - 1].time > through { end -= 1 }
        selection.append(open[start..<end])
    }
}
