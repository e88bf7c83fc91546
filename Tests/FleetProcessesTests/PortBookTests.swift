import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct PortBookTests {
    private let folder: Folder
    private let users = ServiceName("users")

    init() throws { folder = try Folder() }

    private func book(
        _ project: String = "project",
        _ range: ClosedRange<Int> = 20_000...29_999,
        isReadOnly: Bool = false
    ) throws -> PortBook {
        let state = "\(folder.path)/\(project)"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        return PortBook(
            stateDirectory: state,
            sharedFolder: "\(folder.path)/shared",
            range: PortRange(numbers: range),
            isReadOnly: isReadOnly
        )
    }

    /// Asks as the loader does: `wanted` alone is a number that the manifest gives, without it fleet chooses.
    private func ask(
        _ book: PortBook,
        _ service: String = "users",
        _ port: String = "http",
        wanted: Int? = nil,
        isAllocated: Bool? = nil,
        count: Int = 1,
        taken: Set<Int> = []
    ) -> Int? {
        var demand = PortDemand(service, port)
        demand.wanted = wanted
        demand.isAllocated = isAllocated ?? (wanted == nil)
        demand.count = count
        demand.taken = taken
        return book.number(for: demand)
    }

    private func text(_ project: String = "project") -> String? {
        SmallFile.text("\(folder.path)/\(project)/ports.json")
    }

    // MARK: Choosing

    @Test func `the range keeps away from the system's own choices`() {
        #expect(PortRange(ephemeral: "32768\t60999\n").numbers == 20_000...29_999)
        #expect(PortRange(ephemeral: nil).numbers == 20_000...29_999)
        #expect(PortRange(ephemeral: "15000 61000").numbers == 10_240...14_999)
        #expect(PortRange(ephemeral: "1024 50000").numbers == 50_001...65_535)
        #expect(PortRange(ephemeral: "1024 65535").numbers == 10_240...65_535)
        for nonsense in ["", "x y", "9 1", "-5 99999999999999999999", "70000 80000"] {
            #expect(PortRange(ephemeral: nonsense).numbers == 20_000...29_999)
        }
        #expect(PortRange(numbers: 27_016...27_021).first(1, seed: 0, where: { _ in true }) == 27_016)
        #expect(PortRange(numbers: 27_017...27_021).first(2, seed: 0, where: { _ in true }) == 27_020, "MongoDB's")
        #expect(PortRange(numbers: 100...110).first(4, seed: 0, where: { $0 != 103 }) == 104)
        #expect(
            PortRange(numbers: 100...110).first(4, seed: 9, where: { $0 != 103 }) == 104,
            "from the beginning again"
        )
        #expect(PortRange(numbers: 100...110).first(12, seed: 0, where: { _ in true }) == nil)
    }

    @Test func `a chosen number stays the same for the next engine`() throws {
        let first = try book()
        let number = try #require(ask(first))
        #expect((20_000...29_999).contains(number))
        #expect(ask(first) == number)
        let other = try #require(ask(first, "users", "admin"))
        #expect(other != number)
        let next = try book()
        #expect(ask(next) == number)
        #expect(ask(next, "users", "admin") == other)
        #expect(next.trouble == nil)
    }

    @Test func `a number that somebody took meanwhile is given up, one that our own service has is kept`() async throws
    {
        let stranger = try await Stranger()
        let mine = try TestSocket()
        // Written as an earlier engine would have.
        let entries = [("taken", stranger.port), ("ours", mine.port)].map { name, number in
            #"{"service":"\#(name)","port":"http","number":\#(number),"count":1}"#
        }
        _ = try book()
        _ = try folder.write("project/ports.json", #"{"version":1,"ports":[\#(entries.joined(separator: ","))]}"#)
        let book = try book()
        let moved = ask(book, "taken", "http")
        #expect(moved != nil && moved != stranger.port)
        #expect(ask(book, "ours", "http") == mine.port)
        await stranger.close()
    }

    @Test func `a service of an earlier run of this project keeps its number`() async throws {
        let stranger = try await Stranger()
        let state = "\(folder.path)/project"
        // The mark of that run, as its engine leaves it in this project's state.
        try FileManager.default.createDirectory(atPath: "\(state)/leases", withIntermediateDirectories: true)
        _ = try folder.write("project/leases/\(stranger.harness.runID).run", "pid=1\nboot=x\n")
        _ = try folder.write(
            "project/ports.json",
            #"{"ports":[{"service":"users","port":"http","number":\#(stranger.port),"count":1}]}"#
        )
        #expect(ask(try book(), "users", "http") == stranger.port)
        await stranger.close()
    }

    @Test func `replicas get consecutive numbers, and more of them the same beginning where that is free`() throws {
        let first = try book("project", 20_500...20_540)
        let number = try #require(ask(first, count: 3))
        let neighbour = try #require(ask(first, "bus", "http"))
        #expect(!(number...number + 2).contains(neighbour))
        let more = try #require(ask(first, count: 6))
        #expect(!(more...more + 5).contains(neighbour))
        if !(number...number + 5).contains(neighbour) { #expect(more == number) }
        #expect(ask(first, count: 2) == more)
        #expect(ask(first, "users", "big", count: 100) == nil, "there are 41 numbers")
    }

    @Test func `a number that the manifest gives is its own affair`() throws {
        let book = try book()
        #expect(ask(book, wanted: 3001, count: 2) == nil)
        #expect(ask(book, "users", "odd", wanted: 99_999) == nil)
        #expect(ask(book, "users", "none", count: 0) == nil)
        #expect(text() == nil, "there is nothing to remember")
    }

    @Test func `what other ports of the fleet have is not chosen, nor kept`() throws {
        let book = try book("project", 20_600...20_603)
        #expect(ask(book, taken: [20_600, 20_601, 20_603]) == 20_602)
        #expect(ask(book, taken: [20_600, 20_601, 20_603]) == 20_602)
        // The manifest has come to name that number elsewhere.
        #expect(ask(book, taken: [20_602]) != 20_602)
        #expect(ask(book, "users", "other", taken: [20_600, 20_601, 20_602, 20_603]) == nil)
    }

    @Test func `an allocated port takes the number that it would like when that is free`() throws {
        let busy = try TestSocket()
        // Outside of what the system hands out to everybody.
        let free = try #require((21_600...21_699).first(where: PortTrial.isFreeEverywhere))
        let book = try book()
        #expect(ask(book, wanted: free, isAllocated: true, taken: [free]) == free)
        let other = try #require(ask(book, "users", "busy", wanted: busy.port, isAllocated: true, taken: [busy.port]))
        #expect((20_000...29_999).contains(other))
        #expect(ask(book, "users", "busy", wanted: busy.port, isAllocated: true) == other)
        // No longer allocated, and not moved by anybody: the manifest's word.
        #expect(ask(book, "users", "busy", wanted: busy.port) == nil)
    }

    // MARK: Several projects

    @Test func `projects that choose at the same time never share a number`() async throws {
        let range = 20_700...20_760
        let books = try (0..<8).map { try book("project-\($0)", range) }
        let chosen = await withTaskGroup(of: [Int].self) { group in
            for book in books {
                group.addTask {
                    (0..<6).compactMap { ask(book, "s\($0)", "p") }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(chosen.count == 48)
        #expect(Set(chosen).count == 48)
    }

    @Test func `a removed project gives its numbers back`() throws {
        let range = 20_800...20_801
        let first = try book("first", range)
        #expect(ask(first, "users", "a", count: 2) == 20_800)
        let second = try book("second", range)
        #expect(ask(second, "users", "a") == nil)
        try FileManager.default.removeItem(atPath: "\(folder.path)/first")
        #expect(ask(second, "users", "a") != nil)
    }

    @Test func `of two books with the same number the later one gives way`() throws {
        let entry = #"{"ports":[{"service":"users","port":"http","number":20900,"count":1}]}"#
        _ = try book("first")
        _ = try book("second")
        _ = try folder.write("first/ports.json", entry)
        _ = try folder.write("second/ports.json", entry)
        #expect(ask(try book("first"), "users", "http") == 20_900)
        let number = ask(try book("second"), "users", "http")
        #expect(number != nil && number != 20_900)
    }

    // MARK: Moving

    @Test func `a moved port is remembered until the manifest asks for another number`() throws {
        let first = try book()
        #expect(ask(first, wanted: 22_100) == nil)
        let moved = try first.move(service: users, port: "http")
        #expect(moved > 22_100)
        #expect(ask(first, wanted: 22_100) == moved)
        let second = try book()
        #expect(ask(second, wanted: 22_100) == moved)
        #expect(ask(second, wanted: 4000) == nil)
        #expect(ask(second, wanted: 22_100) == nil)
        #expect(ask(try book(), wanted: 22_100) == nil)
    }

    @Test func `moving again goes on upwards, past what others have`() throws {
        let book = try book()
        let other = try self.book("other", 21_003...21_003)
        #expect(ask(other, "users", "x") == 21_003)
        #expect(ask(book, wanted: 21_000) == nil)
        #expect(ask(book, "users", "admin", wanted: 21_001) == nil)
        #expect(try book.move(service: users, port: "http") == 21_002)
        #expect(try book.move(service: users, port: "http") == 21_004)
        let chosen = try #require(ask(book, "users", "own"))
        #expect(try book.move(service: users, port: "own") > chosen)
        #expect(ask(book, "users", "own") != chosen)
    }

    @Test func `a moved service with replicas gets as many numbers`() throws {
        let book = try book()
        #expect(ask(book, wanted: 22_300, count: 3) == nil)
        let busy = try TestSocket("127.0.0.1", 22_303)
        let moved = try book.move(service: users, port: "http")
        #expect(moved > busy.port)
        #expect(ask(book, wanted: 22_300, count: 2) == moved)
        let more = try #require(ask(book, wanted: 22_300, count: 5))
        #expect(more >= moved)
    }

    @Test func `a port that no manifest has named cannot be moved`() throws {
        let book = try book()
        let expected = PortTrouble("users has no port named http")
        #expect(throws: expected) { try book.move(service: users, port: "http") }
    }

    @Test func `from the last number it goes on at the bottom`() throws {
        let book = try book()
        #expect(ask(book, wanted: 65_535) == nil)
        #expect((1_024..<65_535).contains(try book.move(service: users, port: "http")))
    }

    // MARK: The file

    @Test(arguments: [
        "", "{", "null", "[]", "42", "{\"ports\": 7}", "{\"ports\": [[[[[[]]]]]]}", "\u{0}\u{0}\u{0}",
        "{\"ports\":[{\"service\":\"users\",\"port\":\"http\",\"number\":0,\"count\":1}]}",
        "{\"ports\":[{\"service\":\"users\",\"port\":\"http\",\"number\":70000,\"count\":1}]}",
        "{\"ports\":[{\"service\":\"users\",\"port\":\"http\",\"number\":65535,\"count\":9223372036854775807}]}",
        "{\"ports\":[{\"service\":\"users\",\"port\":\"http\",\"number\":1e400,\"count\":-1}]}",
        "{\"ports\":[{\"service\":\"users\",\"port\":\"http\",\"number\":\"20001\",\"count\":1}]}",
    ])
    func `a book that somebody else wrote costs nothing but the memory`(content: String) throws {
        _ = try book()
        _ = try folder.write("project/ports.json", content)
        let book = try book()
        let number = try #require(ask(book))
        #expect((20_000...29_999).contains(number))
        #expect(ask(try self.book(), "users", "http") == number)
    }

    @Test func `one bad entry does not take the good ones with it`() throws {
        let good = #"{"service":"users","port":"http","wanted":3000,"number":3005,"count":2}"#
        let ledger = PortLedger(text: #"{"ports":[{"service":7},\#(good),null]}"#)
        #expect(ledger.entries.values.map(\.number) == [3005])
        #expect(PortLedger(text: ledger.text) == ledger)
    }

    @Test func `others' notes may hold anything`() throws {
        _ = try folder.write("x", "")
        try FileManager.default.createDirectory(atPath: "\(folder.path)/shared", withIntermediateDirectories: true)
        _ = try folder.write("shared/a.json", "garbage")
        _ = try folder.write("shared/b.json", #"{"stateDirectory":"/","numbers":[-1,0,99999999,21500]}"#)
        let book = try book("project", 21_500...21_501)
        #expect(ask(book) == 21_501)
        #expect(folder.exists("shared/a.json"), "what is not understood is not removed")
    }

    @Test func `who only looks writes nothing and believes what is written`() async throws {
        let stranger = try await Stranger()
        _ = try book()
        let content = #"{"ports":[{"service":"users","port":"http","number":\#(stranger.port),"count":1}]}"#
        _ = try folder.write("project/ports.json", content)
        let reader = try book(isReadOnly: true)
        #expect(ask(reader) == stranger.port)
        let other = ask(reader, "users", "other")
        #expect(other != nil)
        #expect(ask(reader, "users", "other") == other)
        #expect(text() == content)
        await stranger.close()
    }

    @Test func `a book that cannot be written says so and works on`() throws {
        _ = try folder.write("file", "")
        let book = PortBook(stateDirectory: "\(folder.path)/file", sharedFolder: "\(folder.path)/shared")
        let number = try #require(ask(book))
        #expect(ask(book) == number)
        #expect(book.trouble?.hasPrefix("the chosen ports cannot be remembered: ") == true)
    }
}
