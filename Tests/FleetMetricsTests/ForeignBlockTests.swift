import Foundation
import Testing

@testable import FleetMetrics

@Suite struct ForeignBlockTests {
    /// Chunks of a Prometheus segment file: header, then length, encoding, data and checksum each.
    private func chunks(_ path: String) throws -> [[UInt8]] {
        let bytes = try TestData.bytes(path)
        #expect(Array(bytes.prefix(5)) == [0x85, 0xBD, 0x40, 0xDD, 1])
        var chunks: [[UInt8]] = []
        var index = 8
        while index < bytes.count {
            var length = 0
            var shift = 0
            while index < bytes.count {
                let byte = Int(bytes[index])
                index += 1
                length |= (byte & 0x7F) << shift
                shift += 7
                if byte & 0x80 == 0 { break }
            }
            guard index + 1 + length + 4 <= bytes.count else { break }
            #expect(bytes[index] == 1, "XOR encoding")
            chunks.append(Array(bytes[index + 1..<index + 1 + length]))
            index += 1 + length + 4
        }
        return chunks
    }

    private func points(_ chunk: [UInt8]) -> [SamplePoint] {
        var points: [SamplePoint] = []
        chunk.withUnsafeBufferPointer { bytes in
            XORChunk.forEach(bytes) { time, value in
                points.append(SamplePoint(time: time, value: value))
                return true
            }
        }
        return points
    }

    private static let demo = "reference_captures/promql_golden/prometheus_2.42_block/chunks/000001"

    @Test(.enabled(if: TestData.has(demo), "needs FLEET_TESTDATA"))
    func `a block written by Prometheus decodes and encodes again to the same bytes`() throws {
        let chunks = try chunks(Self.demo)
        #expect(chunks.count == 426)
        var count = 0
        var equal = 0
        for chunk in chunks {
            let points = points(chunk)
            count += points.count
            if XORChunk.encode(points) == chunk { equal += 1 }
        }
        #expect(count == 57_012)
        // Prometheus forgets the window of a chunk that it closes and opens again; three were.
        #expect(equal >= chunks.count - 3)
    }

    @Test(.enabled(if: TestData.has("prometheus/tsdb/index_format_v1/chunks/000001"), "needs FLEET_TESTDATA"))
    func `an old block decodes with ascending times`() throws {
        for chunk in try chunks("prometheus/tsdb/index_format_v1/chunks/000001") {
            let points = points(chunk)
            #expect(points.count == Int(chunk[0]) << 8 | Int(chunk[1]))
            #expect(zip(points, points.dropFirst()).allSatisfy { $0.time < $1.time })
        }
    }
}
