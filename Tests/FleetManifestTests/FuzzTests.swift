import FleetModel
import Synchronization
import Testing

@testable import FleetManifest

struct FuzzTests {
    /// Mutations for each of the seeds.
    private static let count = 500

    @Test func `what is mutated is sound before`() throws {
        let outcome = load(ManifestMutator.richManifest)
        #expect(outcome.errors.map(\.description) == [])
        #expect(outcome.fleet?.services.count == 3)
    }

    @Test func `the same seed makes the same mutations`() {
        var (left, right, other) = (ManifestMutator(seed: 7), ManifestMutator(seed: 7), ManifestMutator(seed: 8))
        let first = (0..<20).map { _ in left.next() }
        #expect(first == (0..<20).map { _ in right.next() })
        #expect(first != (0..<20).map { _ in other.next() })
        #expect(Set(first).count > 15)
    }

    @Test(.timeLimit(.minutes(10)), arguments: 0..<8)
    func `no mutation of a manifest crashes or hangs the loader`(seed: Int) throws {
        var mutator = ManifestMutator(seed: UInt64(seed))
        var accepted = 0
        for number in 0..<Self.count {
            let bytes = mutator.next()
            let (outcome, requests) = observe(bytes)
            let complaints = outcome.errors + outcome.warnings
            try #require((outcome.fleet == nil) == !outcome.errors.isEmpty, "seed \(seed), mutation \(number)")
            try #require(outcome.errors.count <= Findings.limit + 1 && outcome.warnings.count <= Findings.limit)
            for complaint in complaints {
                try #require(
                    !complaint.message.isEmpty && complaint.line >= 0 && complaint.description.utf8.count < 4096,
                    "seed \(seed), mutation \(number): \(complaint.description.prefix(200))"
                )
            }
            // Work: what is read, what is asked, what comes out.
            try #require(outcome.files.count <= 2 + ManifestLoader.includeLimit + ManifestLoader.environmentFileLimit)
            try #require(requests <= 4096, "seed \(seed), mutation \(number)")
            accepted += outcome.fleet == nil ? 0 : 1
            try #require((outcome.fleet?.services ?? []).reduce(0) { $0 + $1.replicas } <= CrossCheck.instanceLimit)
        }
        // Neither everything nor nothing may be refused, or the mutations would say little.
        #expect(accepted > Self.count / 50 && accepted < Self.count * 3 / 4)
    }

    /// How often the book of ports is asked shows how much work the rest of the reader does.
    private func observe(_ bytes: [UInt8]) -> (ManifestOutcome, requests: Int) {
        let requests = Mutex(0)
        let outcome = load(bytes: bytes, files: ["/srv/shop/.env": "X=1\nY='2\n", "/srv/shop/web.env": "Z=3"]) {
            $0.allocatePort = { _ in
                requests.withLock { $0 += 1 }
                return nil
            }
        }
        return (outcome, requests.withLock { $0 })
    }
}
