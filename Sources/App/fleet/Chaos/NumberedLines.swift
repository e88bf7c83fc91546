import FleetModel
import FleetProcesses
import Foundation

/// Services that number their lines prove that none is lost: within a life the numbers on disk follow each other. What a
/// life had still to say when its engine was killed with it is not among them; a hole in the middle is.
struct NumberedLines {
    struct Hole: Hashable {
        var service: ServiceID
        /// Numbers on both sides of it.
        var before: Int
        var after: Int
    }

    private let expression: Regex<AnyRegexOutput>
    private let stateDirectory: String
    private let since: Timestamp

    private static let page = 4_096
    /// More holes say nothing more.
    private static let mostHoles = 20

    /// - Parameters:
    ///   - pattern: has one group, which is the number.
    ///   - stateDirectory: of the fleet.
    ///   - since: what was said earlier is not looked at.
    /// - Throws: what is wrong with the pattern.
    init(_ pattern: String, stateDirectory: String, since: Timestamp) throws(Failure) {
        do {
            expression = try Regex(pattern)
        } catch {
            throw .invalid("--lines \(pattern): \(error)")
        }
        self.stateDirectory = stateDirectory
        self.since = since
    }

    func holes() -> (lines: Int, holes: [Hole]) {
        var holes: [Hole] = []
        var lines = 0
        for service in DiskLog.services(in: stateDirectory) {
            let reader = SegmentReader(stateDirectory: stateDirectory, service: service)
            var last: (life: Incarnation, number: Int)?
            var position: StoredLine.Position?
            while case let page = reader.lines(after: position, limit: Self.page), !page.isEmpty {
                position = page.last?.position
                for line in page where line.time >= since {
                    guard let number = number(in: line) else { continue }
                    lines += 1
                    if let last, last.life == line.incarnation, number > last.number + 1, holes.count < Self.mostHoles {
                        holes.append(Hole(service: service, before: last.number, after: number))
                    }
                    last = (line.incarnation, number)
                }
            }
        }
        return (lines, holes)
    }

    private func number(in line: StoredLine) -> Int? {
        let text = String(decoding: line.bytes, as: UTF8.self)
        guard let match = text.firstMatch(of: expression), match.output.count > 1 else { return nil }
        return match.output[1].substring.flatMap { Int($0) }
    }
}
