import Testing

@testable import FleetCollectors

@Suite struct DecompressionTests {
    @Test(arguments: CompressedSample.all)
    func `what zlib compressed is restored`(sample: CompressedSample) throws {
        #expect(try sample.coding.decode(sample.bytes, limit: 1 << 20) == sample.content)
    }

    @Test(arguments: CompressedSample.all)
    func `the limit is exact`(sample: CompressedSample) throws {
        let size = sample.content.count
        #expect(try sample.coding.decode(sample.bytes, limit: size).count == size)
        guard size > 0 else { return }
        for limit in [0, size / 2, size - 1] {
            #expect(throws: DecompressionError.tooLarge(limit: limit)) {
                try sample.coding.decode(sample.bytes, limit: limit)
            }
        }
    }

    @Test(arguments: CompressedSample.all)
    func `data cut anywhere is refused`(sample: CompressedSample) throws {
        let bytes = sample.bytes
        // Between two members of a gzip file there is no way to know that another one should follow.
        let whole = sample.name == "two members" ? try memberEnd(of: bytes) : bytes.count
        for length in stride(from: 0, to: bytes.count, by: sample.stride(over: bytes.count)) where length != whole {
            #expect(throws: DecompressionError.self) {
                try sample.coding.decode(Array(bytes[..<length]), limit: 1 << 20)
            }
        }
    }

    private func memberEnd(of bytes: [UInt8]) throws -> Int {
        try #require((1..<bytes.count).first { bytes[$0...].starts(with: [0x1F, 0x8B, 8]) })
    }

    @Test(arguments: CompressedSample.all)
    func `a flipped bit is noticed or harmless, never fatal`(sample: CompressedSample) {
        let bytes = sample.bytes
        for position in stride(from: 0, to: bytes.count * 8, by: sample.stride(over: bytes.count * 8)) {
            var damaged = bytes
            damaged[position / 8] ^= 1 << (position % 8)
            let result = Result { try sample.coding.decode(damaged, limit: 1 << 20) }
            if case .success(let content) = result {
                // The checksum does not cover the time stamp and the like.
                #expect(content == sample.content)
            }
        }
    }

    @Test func `random bytes behind a valid header never trap`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            let noise = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try? ContentCoding.gzip.decode([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + noise, limit: 1 << 16)
            _ = try? ContentCoding.deflate.decode([0x78, 0x9C] + noise, limit: 1 << 16)
        }
    }

    @Test(
        arguments: [
            // Block type 3; a stored block whose length does not match its complement; a distance before the beginning.
            [0x07], [0x01, 0x05, 0x00, 0x00, 0x00], [0x4B, 0x04, 0x02, 0x00],
        ] as [[UInt8]]
    )
    func `blocks that make no sense are refused`(block: [UInt8]) {
        #expect(throws: DecompressionError.self) {
            try ContentCoding.deflate.decode([0x78, 0x9C] + block + [0, 0, 0, 1], limit: 1 << 16)
        }
    }

    @Test(
        arguments: [
            (nil, ContentCoding.identity), ("identity", .identity), ("gzip", .gzip), ("GZIP ", .gzip),
            ("x-gzip", .gzip),
            ("deflate", .deflate), ("br", nil), ("gzip, gzip", nil),
        ] as [(String?, ContentCoding?)]
    )
    func `content codings by name`(header: String?, coding: ContentCoding?) {
        #expect(ContentCoding(header: header) == coding)
    }
}

extension CompressedSample {
    /// Every position of a small sample, fewer of a large one: a debug build restores only some megabytes per second.
    fileprivate func stride(over positions: Int) -> Int {
        max(1, positions * (content.count + 500) / 300_000) | 1
    }
}
