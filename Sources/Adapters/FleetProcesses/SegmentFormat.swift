internal import FleetModel

/// How output lies on disk. `<folder>/000001.log` holds exactly the bytes of the service, for `grep` and `less`;
/// `000001.idx` beside it tells for each batch where it is, when it came and from which stream and life.
///
/// A batch is written to the log first and to the index second, so a crash leaves at most one batch without an entry.
struct SegmentRecord: Hashable, Sendable {
    static let size = 32
    /// A line is cut after this many bytes, on its way to disk and when it is read back.
    static let lineLimit = 64 << 10

    /// In the log file.
    var offset: Int
    var length: Int
    var time: Timestamp
    var stream: LogStream
    var incarnation: Incarnation
    /// The first line of the batch began in an earlier batch of the same stream and life.
    var continuesLine: Bool
    /// Bytes that were lost before this batch because the disk would not take them; saturates at 4 GiB.
    var lostBefore: Int

    /// Little-endian: offset 8, time 8, length 4, incarnation 4, stream 1, flags 1, zero 2, lost 4.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.size)
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(UInt64(clamping: offset))
        append(time.nanoseconds)
        append(UInt32(clamping: length))
        append(UInt32(clamping: incarnation.ordinal))
        append(UInt8(stream == .stdout ? 0 : stream == .stderr ? 1 : 2))
        append(UInt8(continuesLine ? 1 : 0))
        append(UInt16(0))
        append(UInt32(clamping: lostBefore))
        return bytes
    }
}

extension SegmentRecord {
    /// - Parameter bytes: `size` of them.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size else { return nil }
        func load<Value: FixedWidthInteger>(_ offset: Int, _ type: Value.Type) -> Value {
            Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
        }
        offset = Int(clamping: load(0, UInt64.self))
        time = Timestamp(nanoseconds: load(8, Int64.self))
        length = Int(load(16, UInt32.self))
        incarnation = Incarnation(Int(load(20, UInt32.self)))
        stream = load(24, UInt8.self) == 0 ? .stdout : load(24, UInt8.self) == 1 ? .stderr : .fleet
        continuesLine = load(25, UInt8.self) & 1 != 0
        lostBefore = Int(load(28, UInt32.self))
    }
}

/// The folder of one service's segments.
struct SegmentFolder: Sendable, Hashable {
    let path: String

    init(stateDirectory: String, service: ServiceID) {
        // Identities are validated by the manifest; a name that is not must still not leave the folder.
        let name = service.rawValue.replacing("/", with: "_")
        path = "\(stateDirectory)/logs/\(name.hasPrefix(".") ? "_" + name : name)"
    }

    func logPath(_ number: Int) -> String { "\(path)/\(Self.digits(number)).log" }

    func indexPath(_ number: Int) -> String { "\(path)/\(Self.digits(number)).idx" }

    /// Oldest first.
    var numbers: [Int] {
        SmallFile.names(in: path).compactMap { $0.hasSuffix(".log") ? Int($0.dropLast(4)) : nil }
            .filter { $0 > 0 }.sorted()
    }

    private static func digits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}
