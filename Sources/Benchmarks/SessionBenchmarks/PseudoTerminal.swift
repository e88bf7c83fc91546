import Foundation

/// A terminal without a screen: what a program writes is only counted and searched.
final class PseudoTerminal {
    let slave: FileHandle
    private let master: Int32

    struct Refused: Error {}

    init(columns: UInt16, rows: UInt16) throws {
        var ends: (master: Int32, slave: Int32) = (-1, -1)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&ends.master, &ends.slave, nil, nil, &size) == 0 else { throw Refused() }
        master = ends.master
        slave = FileHandle(fileDescriptor: ends.slave, closeOnDealloc: true)
    }

    deinit { close(master) }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    func waitForOutput(within limit: Duration) -> Bool {
        var entry = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, Int32(limit.milliseconds)) > 0
    }

    /// Reads and forgets.
    func drain(for time: Duration) {
        let end = ContinuousClock.now + time
        while case let rest = ContinuousClock.now.duration(to: end), rest > .zero {
            if waitForOutput(within: rest) { _ = read() }
        }
    }

    func wait(for text: String, within limit: Duration) -> Bool {
        let end = ContinuousClock.now + limit
        var seen = Data()
        while case let rest = ContinuousClock.now.duration(to: end), rest > .zero {
            if waitForOutput(within: rest) { seen += read() }
            if String(decoding: seen, as: UTF8.self).contains(text) { return true }
        }
        return false
    }

    private func read() -> Data {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Foundation.read(master, &bytes, bytes.count)
        return Data(bytes.prefix(max(0, count)))
    }
}
