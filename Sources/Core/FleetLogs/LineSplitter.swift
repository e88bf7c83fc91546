package import FleetModel

/// Turns the bytes of one stream into lines. Nothing becomes a `String` here, whole lines are not copied, and a child that
/// never prints a newline cannot grow our memory: a line beyond `limit` is delivered in pieces.
package struct LineSplitter: Sendable {
    /// Bytes of a piece, at most.
    package static let defaultLimit = 65_536

    private let limit: Int
    private var held: [UInt8] = []
    /// The held bytes continue a line whose beginning was delivered.
    private var continues = false
    /// The last thing delivered was a flushed part, so that a bare newline next only ends it.
    private var hasDeliveredPart = false
    /// When the first held byte arrived; `nil` when nothing is held.
    package private(set) var heldSince: Timestamp?

    package init(limit: Int = LineSplitter.defaultLimit) {
        self.limit = max(16, limit)
    }

    /// `emit` receives a line without its line end, and whether it continues the one before. A line that was
    /// overwritten with carriage returns (a progress bar) is delivered in its last state.
    package mutating func feed(
        _ bytes: UnsafeRawBufferPointer,
        at time: Timestamp,
        _ emit: (UnsafeRawBufferPointer, Bool) -> Void
    ) {
        let hasReturns = bytes.index(of: 0x0D) != nil
        var start = 0
        if !held.isEmpty || hasDeliveredPart {
            guard let end = bytes.index(of: 0x0A) else { return hold(bytes, at: time, emit) }
            finishHeld(with: bytes.slice(0, end), emit)
            start = end &+ 1
        }
        while let end = bytes.index(of: 0x0A, from: start) {
            let line = Bytes(rebasing: bytes[start..<end])
            start = end &+ 1
            if line.count <= limit, !hasReturns {
                emit(line, false)
            } else {
                deliver(line, continues: false, emit)
            }
        }
        if start < bytes.count { hold(bytes.slice(start, bytes.count), at: time, emit) }
    }

    /// Delivers what is held as a line of its own; more of the same line will be marked as continuing it.
    package mutating func flush(_ emit: (UnsafeRawBufferPointer, Bool) -> Void) {
        guard !held.isEmpty else { return }
        let bytes = take()
        bytes.withUnsafeBytes { deliver($0, continues: continues, emit) }
        continues = true
        hasDeliveredPart = true
    }

    /// The stream ended: delivers what is held and forgets the line.
    package mutating func finish(_ emit: (UnsafeRawBufferPointer, Bool) -> Void) {
        flush(emit)
        continues = false
        hasDeliveredPart = false
    }

    private mutating func take() -> [UInt8] {
        var bytes: [UInt8] = []
        swap(&bytes, &held)
        heldSince = nil
        return bytes
    }

    private mutating func finishHeld(with rest: Bytes, _ emit: (Bytes, Bool) -> Void) {
        var bytes = take()
        bytes.append(contentsOf: rest)
        if !bytes.isEmpty || !hasDeliveredPart {
            bytes.withUnsafeBytes { deliver($0, continues: continues, emit) }
        }
        continues = false
        hasDeliveredPart = false
    }

    private mutating func hold(_ bytes: Bytes, at time: Timestamp, _ emit: (Bytes, Bool) -> Void) {
        guard !bytes.isEmpty else { return }
        if heldSince == nil { heldSince = time }
        var rest = bytes
        var textEnd = rest.count
        while textEnd > 0, rest[textEnd - 1] == 0x0D { textEnd -= 1 }
        // What a carriage return overwrites is gone; those at the very end may belong to a CR LF.
        if textEnd > 0, held.last == 0x0D { held.removeAll(keepingCapacity: true) }
        if let last = lastReturn(in: rest, before: textEnd) {
            held.removeAll(keepingCapacity: true)
            rest = rest.slice(last + 1, rest.count)
        }
        if textEnd == 0, held.last == 0x0D { return }
        held.append(contentsOf: rest)
        guard held.count > limit else { return }
        let whole = take()
        whole.withUnsafeBytes { line in
            var from = 0
            while line.count - from > limit {
                let to = Self.boundary(in: line, from: from, limit: limit)
                emit(line.slice(from, to), continues)
                continues = true
                from = to
            }
            held.append(contentsOf: line.slice(from, line.count))
        }
        hasDeliveredPart = true
        heldSince = time
    }

    private func deliver(_ line: Bytes, continues: Bool, _ emit: (Bytes, Bool) -> Void) {
        var end = line.count
        while end > 0, line[end - 1] == 0x0D { end -= 1 }
        var from = (lastReturn(in: line, before: end) ?? -1) + 1
        var isContinuation = continues
        while end - from > limit {
            let to = Self.boundary(in: line, from: from, limit: limit)
            emit(line.slice(from, to), isContinuation)
            isContinuation = true
            from = to
        }
        emit(line.slice(from, end), isContinuation)
    }

    private func lastReturn(in line: Bytes, before end: Int) -> Int? {
        guard line.index(of: 0x0D) != nil else { return nil }
        var index = end - 1
        while index >= 0 {
            if line[index] == 0x0D { return index }
            index -= 1
        }
        return nil
    }

    /// Where to cut so that no UTF-8 sequence is torn.
    private static func boundary(in line: Bytes, from: Int, limit: Int) -> Int {
        let end = from + limit
        for step in 0..<4 where line.byte(end - step) & 0xC0 != 0x80 { return end - step }
        return end
    }
}
