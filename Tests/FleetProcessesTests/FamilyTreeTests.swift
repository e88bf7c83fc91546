import Foundation
import Testing

@testable import FleetProcesses

struct FamilyTreeTests {
    private func process(
        _ pid: Int32,
        parent: Int32,
        session: Int32,
        state: String = "S",
        start: UInt64 = 1
    ) throws -> ProcessEntry {
        let text =
            "\(pid) (a) b) \(state) \(parent) \(session) \(session) 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 \(start) 5 6 7"
        return try #require(ProcessEntry(stat: Array(text.utf8)))
    }

    @Test func `a line of the table is read, whatever the name holds`() throws {
        let entry = try process(42, parent: 7, session: 40, state: "Z", start: 99)
        #expect(entry.pid == 42)
        #expect(entry.parent == 7)
        #expect(entry.session == 40)
        #expect(entry.isZombie)
        #expect(entry.startTicks == 99)
        #expect(entry.cpuTicks == 100)
        #expect(entry.residentPages == 6)
    }

    @Test(arguments: [
        "", "x", "1 (", "1 )(", "1 (a) S 1 2", "-1 (a) S 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1", "() ",
    ])
    func `half a line is none`(text: String) {
        #expect(ProcessEntry(stat: Array(text.utf8)) == nil)
    }

    @Test func `a tree is its session, its descendants and its tagged orphans`() throws {
        let table = try [
            process(1, parent: 0, session: 1),
            process(100, parent: 1, session: 100),
            process(10, parent: 100, session: 10),
            process(11, parent: 10, session: 10),
            process(12, parent: 11, session: 12),
            process(13, parent: 12, session: 12),
            process(14, parent: 100, session: 14),
            process(15, parent: 14, session: 15),
            process(16, parent: 100, session: 16),
            process(17, parent: 11, session: 10, state: "Z"),
            process(20, parent: 1, session: 20),
            process(30, parent: 1, session: 30, start: 5),
            process(31, parent: 1, session: 31, start: 6),
        ]
        let tree = FamilyTree(
            table: table,
            sessions: [10: "a"],
            remembered: [30: (5, "a"), 31: (5, "a")],
            parent: 100,
            tag: { $0.pid == 14 ? "a" : nil }
        )
        // 17 is a zombie, 16 an orphan of nobody we know, 20 a stranger, 31 a stranger with a remembered number.
        #expect(tree.members["a"]?.map(\.pid).sorted() == [10, 11, 12, 13, 14, 15, 30])
        #expect(tree.members.count == 1)
    }

    @Test func `a parent that ended between two entries of the table still leads to the family`() throws {
        // 12 forked 11 and ended; a number that had run over put the child in front.
        let table = try [
            process(100, parent: 1, session: 100), process(10, parent: 100, session: 10),
            process(11, parent: 12, session: 11), process(12, parent: 10, session: 10, state: "Z"),
        ]
        let tree = FamilyTree(table: table, sessions: [10: "a"], remembered: [:], parent: 100, tag: { _ in nil })
        #expect(tree.members["a"]?.map(\.pid).sorted() == [10, 11])
    }

    @Test func `what was orphaned to somebody else is found only when everybody is asked`() throws {
        let table = try [
            process(1, parent: 0, session: 1), process(100, parent: 1, session: 100),
            process(14, parent: 1, session: 14), process(15, parent: 14, session: 15),
        ]
        func members(asksAll: Bool) -> [Int32]? {
            FamilyTree(
                table: table,
                sessions: [:],
                remembered: [:],
                parent: 100,
                asksAll: asksAll,
                tag: { $0.pid == 14 ? "a" : nil }
            ).members["a"]?.map(\.pid).sorted()
        }
        #expect(members(asksAll: false) == nil)
        #expect(members(asksAll: true) == [14, 15])
    }

    @Test func `a circle of parents, as a torn look may show, ends the search`() throws {
        let table = try [process(5, parent: 6, session: 5), process(6, parent: 5, session: 6)]
        let tree = FamilyTree<String>(table: table, sessions: [:], remembered: [:], parent: 100, tag: { _ in nil })
        #expect(tree.members.isEmpty)
    }

    @Test func `processor time keeps what a vanished process used`() {
        var time = ProcessorTime()
        #expect(time.advance(to: 10) == 10)
        #expect(time.advance(to: 25) == 25)
        #expect(time.advance(to: 5) == 25)
        #expect(time.advance(to: 8) == 28)
    }
}
