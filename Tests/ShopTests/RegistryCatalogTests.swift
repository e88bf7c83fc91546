import Foundation
import ShopKit
import ShopRegistry
import Testing

struct RegistrationTests {
    private func document(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    @Test(arguments: [
        #"{"Name":"web","ID":"w1","Port":80,"Meta":{"My_Key":"v"},"Check":{"HTTP":"http://h:1/x","Interval":"10s","DeregisterCriticalServiceAfter":"2m"}}"#,
        #"{"name":"web","id":"w1","port":80,"meta":{"My_Key":"v"},"checks":[{"http":"http://h:1/x","interval":"10s","deregister_critical_service_after":"2m"}]}"#,
        #"{"NAME":"web","Id":"w1","pOrT":80,"META":{"My_Key":"v"},"CHECK":{"Http":"http://h:1/x","interval":10000000000,"deregistercriticalserviceafter":"120s"}}"#,
    ])
    func `keys are found in any case and with underscores, values stay as they are`(text: String) throws {
        let registration = try ServiceRegistration(document(text))
        #expect(registration.name == "web" && registration.id == "w1" && registration.port == 80)
        #expect(registration.meta == ["My_Key": "v"])
        let check = try #require(registration.checks.first)
        #expect(check.id == "service:w1")
        #expect(check.probe == .http(url: "http://h:1/x", method: "GET", headers: [:]))
        #expect(check.interval == .seconds(10))
        #expect(check.deregisterAfter == .seconds(120))
        #expect(check.initialStatus == .critical)
    }

    @Test func `an id defaults to the name, and several checks are numbered`() throws {
        let registration = try ServiceRegistration(document(#"{"Name":"a","Checks":[{"TTL":"5s"},{"TCP":"h:1"}]}"#))
        #expect(registration.id == "a")
        #expect(registration.checks.map(\.id) == ["service:a:1", "service:a:2"])
    }

    @Test(arguments: [
        ("[]", RegistrationError.notAnObject), (#"{"ID":"x"}"#, .missing("service name")),
        (#"{"Name":"a","Port":70000}"#, .badPort(70000)),
        (#"{"Name":"a","Check":{"TTL":"soon"}}"#, .badDuration("TTL", "soon")),
    ])
    func `what cannot be served is refused with its reason`(text: String, error: RegistrationError) {
        #expect(throws: error) { try ServiceRegistration(document(text)) }
    }

    @Test(arguments: [
        (#"{"GRPC":"h:1/svc","Interval":"10s"}"#, "grpc"), (#"{"H2PING":"h:1"}"#, "h2ping"), (#"{"UDP":"h:1"}"#, "udp"),
        (#"{"Args":["rm"]}"#, "script"), (#"{"script":"rm"}"#, "script"), (#"{"AliasService":"b"}"#, "alias"),
        (#"{"HTTP":"https://h:1/x","TLSSkipVerify":true}"#, "http"),
    ])
    func `a check of a kind that is not run here stays as it was registered`(check: String, kind: String) throws {
        var catalog = Catalog()
        let registration = try ServiceRegistration(document(#"{"Name":"a","Check":\#(check)}"#))
        #expect(registration.checks.map(\.probe) == [.unprobed(kind)])
        var passing = registration
        passing.checks[0].initialStatus = .passing
        passing.checks[0].deregisterAfter = .seconds(60)
        try catalog.register(passing, at: .zero)
        #expect(catalog.takeDue(at: .seconds(60)).isEmpty)
        #expect(catalog.advance(to: .seconds(120)).isEmpty)
        #expect(catalog.status(ofService: "a") == .passing)
    }

    @Test func `fields that are empty name no kind of check`() throws {
        let text = #"{"Name":"a","Check":{"GRPC":"","Args":[],"AliasService":null,"Status":"passing"}}"#
        #expect(try ServiceRegistration(document(text)).checks.map(\.probe) == [.none])
    }

    @Test(arguments: [
        ("10s", Duration.seconds(10)), ("1h30m", .seconds(5400)), ("250ms", .milliseconds(250)),
        ("1.5s", .milliseconds(1500)), ("", nil), ("10", nil), ("s", nil), ("10x", nil), ("-5s", nil),
        ("1e9h", nil), ("99999999999h", nil),
    ])
    func `durations are written as in Go`(text: String, duration: Duration?) {
        #expect(Duration(goText: text) == duration)
    }
}

struct CatalogTests {
    private func service(
        _ id: String,
        _ name: String,
        _ probe: CheckDefinition.Probe = .ttl(.seconds(10))
    )
        -> ServiceRegistration
    {
        var registration = ServiceRegistration(id: id, name: name)
        var check = CheckDefinition(id: "service:\(id)", name: "check", serviceID: id)
        check.probe = probe
        check.interval = .seconds(2)
        registration.checks = [check]
        return registration
    }

    @Test func `a service is critical until its check says otherwise`() throws {
        var catalog = Catalog()
        try catalog.register(service("a1", "a"), at: .zero)
        #expect(catalog.status(ofService: "a1") == .critical)
        #expect(catalog.reportTTL("service:a1", .passing, output: "", at: .seconds(1)) == true)
        #expect(catalog.status(ofService: "a1") == .passing)
    }

    @Test func `a TTL without news expires`() throws {
        var catalog = Catalog()
        try catalog.register(service("a1", "a"), at: .zero)
        _ = catalog.reportTTL("service:a1", .passing, output: "", at: .seconds(1))
        _ = catalog.advance(to: .milliseconds(10_999))
        #expect(catalog.status(ofService: "a1") == .passing)
        _ = catalog.advance(to: .seconds(11))
        #expect(catalog.status(ofService: "a1") == .critical)
        #expect(catalog.checks["service:a1"]?.output == "TTL expired")
    }

    @Test func `the index rises on every change and on nothing else`() throws {
        var catalog = Catalog()
        let start = catalog.index
        try catalog.register(service("a1", "a"), at: .zero)
        let registered = catalog.index
        #expect(registered > start)
        try catalog.register(service("a1", "a"), at: .seconds(1))
        catalog.deregister("nobody")
        _ = catalog.advance(to: .seconds(5))
        #expect(catalog.index == registered)
        _ = catalog.reportTTL("service:a1", .passing, output: "x", at: .seconds(5))
        let passing = catalog.index
        #expect(passing > registered)
        _ = catalog.reportTTL("service:a1", .passing, output: "x", at: .seconds(6))
        #expect(catalog.index == passing)
    }

    @Test func `registering again keeps what the check has found`() throws {
        var catalog = Catalog()
        try catalog.register(service("a1", "a"), at: .zero)
        _ = catalog.reportTTL("service:a1", .passing, output: "", at: .zero)
        var again = service("a1", "a")
        again.tags = ["v2"]
        try catalog.register(again, at: .seconds(1))
        #expect(catalog.status(ofService: "a1") == .passing)
        #expect(catalog.instances(of: "a").first?.registration.tags == ["v2"])
    }

    @Test func `checks that others added to a service outlive its registration, unless it replaces them`() throws {
        var catalog = Catalog()
        try catalog.register(service("a1", "a"), at: .zero)
        try catalog.register(CheckDefinition(id: "disk", name: "disk", serviceID: "a1"), at: .zero)
        _ = catalog.setMaintenance("a1", true, reason: "", at: .zero)
        var again = service("a1", "a")
        again.tags = ["v2"]
        try catalog.register(again, at: .seconds(1))
        #expect(catalog.services["a1"]?.isInMaintenance == true)
        #expect(catalog.checks.keys.sorted() == ["_service_maintenance:a1", "disk", "service:a1"])
        let index = catalog.index
        try catalog.register(again, replacingChecks: true, at: .seconds(2))
        #expect(catalog.checks.keys.sorted() == ["service:a1"])
        #expect(catalog.services["a1"]?.isInMaintenance == false)
        #expect(catalog.index > index)
    }

    @Test func `registering again brings back a check that was taken away`() throws {
        var catalog = Catalog()
        try catalog.register(service("a1", "a"), at: .zero)
        catalog.deregisterCheck("service:a1")
        try catalog.register(service("a1", "a"), at: .zero)
        #expect(catalog.checks["service:a1"] != nil)
    }

    @Test func `a service is not taken out for a check that is never run`() throws {
        var catalog = Catalog()
        var registration = service("a1", "a", .unprobed("grpc"))
        registration.checks[0].deregisterAfter = .seconds(60)
        try catalog.register(registration, at: .zero)
        #expect(catalog.status(ofService: "a1") == .critical)
        #expect(catalog.advance(to: .seconds(3600)).isEmpty)
    }

    @Test func `a watcher of one service is not woken by another`() throws {
        var catalog = Catalog()
        try catalog.register(service("a1", "a"), at: .zero)
        try catalog.register(service("b1", "b"), at: .zero)
        let index = catalog.index(ofService: "a")
        _ = catalog.reportTTL("service:b1", .passing, output: "", at: .zero)
        #expect(catalog.index(ofService: "a") == index)
        catalog.deregister("a1")
        #expect(catalog.index(ofService: "a") > index)
    }

    @Test func `a probe runs at once, then at its interval, one at a time`() throws {
        var catalog = Catalog()
        try catalog.register(service("a1", "a", .tcp(Endpoint(host: "h", port: 1))), at: .zero)
        let due = catalog.takeDue(at: .zero)
        let job = try #require(due.first)
        #expect(catalog.takeDue(at: .seconds(60)) == [])
        catalog.report(job, .passing, output: "", at: .seconds(1))
        #expect(catalog.takeDue(at: .milliseconds(2999)) == [])
        #expect(catalog.takeDue(at: .seconds(3)).map(\.checkID) == ["service:a1"])
        #expect(catalog.status(ofService: "a1") == .passing)
    }

    @Test func `a body that differs at every probe is no news`() throws {
        var catalog = Catalog()
        try catalog.register(service("a1", "a", .tcp(Endpoint(host: "h", port: 1))), at: .zero)
        let due = catalog.takeDue(at: .zero)
        let job = try #require(due.first)
        catalog.report(job, .passing, output: "1", at: .zero)
        let index = catalog.index
        catalog.report(job, .passing, output: "2", at: .zero)
        #expect(catalog.index == index)
        #expect(catalog.checks["service:a1"]?.output == "2")
    }

    @Test func `the result of a check that was replaced is ignored`() throws {
        var catalog = Catalog()
        try catalog.register(service("a1", "a", .tcp(Endpoint(host: "h", port: 1))), at: .zero)
        let due = catalog.takeDue(at: .zero)
        let job = try #require(due.first)
        catalog.deregister("a1")
        try catalog.register(service("a1", "a", .tcp(Endpoint(host: "h", port: 2))), at: .zero)
        catalog.report(job, .passing, output: "", at: .zero)
        #expect(catalog.status(ofService: "a1") == .critical)
    }

    @Test func `failures before critical must come in a row`() throws {
        var catalog = Catalog()
        var registration = service("a1", "a", .tcp(Endpoint(host: "h", port: 1)))
        registration.checks[0].failuresBeforeCritical = 3
        registration.checks[0].initialStatus = .passing
        try catalog.register(registration, at: .zero)
        let due = catalog.takeDue(at: .zero)
        let job = try #require(due.first)
        for outcome in [CheckStatus.critical, .critical, .passing, .critical, .critical] {
            catalog.report(job, outcome, output: "", at: .zero)
        }
        #expect(catalog.status(ofService: "a1") == .passing)
        catalog.report(job, .critical, output: "", at: .zero)
        #expect(catalog.status(ofService: "a1") == .critical)
    }

    @Test func `a service that is critical for too long is taken out`() throws {
        var catalog = Catalog()
        var registration = service("a1", "a")
        registration.checks[0].deregisterAfter = .seconds(60)
        try catalog.register(registration, at: .zero)
        #expect(catalog.advance(to: .seconds(59)) == [])
        #expect(catalog.advance(to: .seconds(60)) == ["a1"])
        #expect(catalog.instances(of: "a").isEmpty)
    }

    @Test func `maintenance takes a service out of the passing ones`() throws {
        var catalog = Catalog()
        try catalog.register(service("a1", "a"), at: .zero)
        _ = catalog.reportTTL("service:a1", .passing, output: "", at: .zero)
        #expect(catalog.setMaintenance("a1", true, reason: "upgrade", at: .zero) == true)
        #expect(catalog.status(ofService: "a1") == .critical)
        #expect(catalog.setMaintenance("a1", false, reason: "", at: .zero) == true)
        #expect(catalog.status(ofService: "a1") == .passing)
        #expect(catalog.setMaintenance("nobody", true, reason: "", at: .zero) == false)
    }
}

struct KeyValuesTests {
    @Test func `check and set holds its word`() throws {
        var keys = KeyValues()
        #expect(try keys.put("a", [1], expected: 0) == true)
        #expect(try keys.put("a", [2], expected: 0) == false)
        let index = try #require(keys.entry("a")?.modifyIndex)
        #expect(try keys.put("a", [2], expected: index) == true)
        #expect(keys.entry("a")?.value == [2])
        #expect(keys.entry("a")?.createIndex == index)
        #expect(keys.remove("a", isPrefix: false, expected: index) == false)
        #expect(keys.entry("a") != nil)
    }

    @Test func `the index rises on change only, and for removals too`() throws {
        var keys = KeyValues()
        _ = try keys.put("a/b", [1])
        let stored = keys.index(of: "a/b", isPrefix: false)
        _ = try keys.put("a/b", [1])
        #expect(keys.index(of: "a/b", isPrefix: false) == stored)
        _ = keys.remove("a/", isPrefix: true)
        #expect(keys.entries(under: "a/").isEmpty)
        #expect(keys.index(of: "a/b", isPrefix: false) > stored)
        #expect(keys.index(of: "a/", isPrefix: true) > stored)
    }

    @Test func `values and keys are bounded`() {
        var keys = KeyValues()
        #expect(throws: KeyValueError.tooLarge) { try keys.put("a", [UInt8](repeating: 0, count: 524_289)) }
    }
}
