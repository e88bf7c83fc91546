import ShopGateway
import Testing

struct CircuitBreakerTests {
    /// Plays words against a breaker and answers what it did: `ok` and `bad` are calls with that outcome, `+3s` is
    /// time. A refused call is `no`; a new state is its name.
    private func play(_ script: String) -> String {
        var breaker = CircuitBreaker()
        var now = Duration.zero
        var story: [String] = []
        var before = "closed"
        for word in script.split(separator: " ") {
            if word.hasPrefix("+") {
                now += .seconds(Int(word.dropFirst().dropLast()) ?? 0)
                continue
            }
            guard let permit = breaker.admit(at: now) else {
                story.append("no")
                continue
            }
            breaker.finished(permit, isFailure: word == "bad", at: now)
            if breaker.state.word != before { story.append(breaker.state.word) }
            before = breaker.state.word
        }
        return story.joined(separator: " ")
    }

    @Test(arguments: [
        ("ok ok ok ok ok ok", ""),
        ("bad bad bad bad", ""),
        ("bad bad bad bad bad ok", "open no"),
        ("ok ok ok bad bad", ""),
        ("ok ok ok bad bad bad", "open"),
        ("bad bad bad bad +11s bad", ""),
        ("bad bad bad bad bad +4s ok", "open no"),
        ("bad bad bad bad bad +5s ok", "open half_open"),
        ("bad bad bad bad bad +5s ok ok ok", "open half_open closed"),
        ("bad bad bad bad bad +5s ok ok ok bad bad bad bad", "open half_open closed"),
        ("bad bad bad bad bad +5s bad ok", "open no"),
        ("bad bad bad bad bad +5s ok bad ok", "open half_open open no"),
    ])
    func `a circuit follows its script`(script: String, story: String) {
        #expect(play(script) == story)
    }

    @Test func `half open admits as many trials as it needs, and no more`() {
        var breaker = CircuitBreaker()
        for _ in 0..<5 {
            if let permit = breaker.admit(at: .zero) { breaker.finished(permit, isFailure: true, at: .zero) }
        }
        let trials = (0..<10).compactMap { _ in breaker.admit(at: .seconds(6)) }
        #expect(trials.count == 3)
        for trial in trials { breaker.abandoned(trial) }
        #expect(breaker.admit(at: .seconds(6)) != nil)
    }

    @Test func `a late answer from before the circuit opened changes nothing`() throws {
        var breaker = CircuitBreaker()
        let admitted = breaker.admit(at: .zero)
        let late = try #require(admitted)
        for _ in 0..<5 {
            if let permit = breaker.admit(at: .zero) { breaker.finished(permit, isFailure: true, at: .zero) }
        }
        let tried = breaker.admit(at: .seconds(5))
        let trial = try #require(tried)
        let halfOpen = breaker.state
        breaker.finished(late, isFailure: true, at: .seconds(5))
        #expect(breaker.state == halfOpen)
        breaker.finished(trial, isFailure: false, at: .seconds(5))
        #expect(breaker.state == .halfOpen(running: 0, succeeded: 1))
    }
}

struct TokenBucketTests {
    @Test func `a burst passes, then the rate`() {
        var bucket = TokenBucket(rate: 10, burst: 3)
        #expect((0..<3).allSatisfy { _ in bucket.take(at: .zero) == nil })
        #expect(bucket.take(at: .zero) == .milliseconds(100))
        #expect(bucket.take(at: .milliseconds(99)) != nil)
        #expect(bucket.take(at: .milliseconds(200)) == nil)
    }

    @Test func `rest fills it to the burst, not beyond`() {
        var bucket = TokenBucket(rate: 10, burst: 2)
        #expect((0..<5).count { _ in bucket.take(at: .seconds(60)) == nil } == 2)
    }

    @Test func `time that goes backwards takes nothing away`() {
        var bucket = TokenBucket(rate: 1, burst: 2, at: .seconds(10))
        #expect(bucket.take(at: .seconds(5)) == nil)
        #expect(bucket.take(at: .seconds(5)) == nil)
        #expect(bucket.take(at: .seconds(5)) != nil)
    }

    @Test func `a rate of zero is no limit`() {
        var bucket = TokenBucket(rate: 0, burst: 0)
        #expect((0..<100).allSatisfy { _ in bucket.take(at: .zero) == nil })
    }
}

struct RetryBudgetTests {
    @Test func `retries run out when everything fails`() {
        var budget = RetryBudget(share: 0.1)
        let granted = (0..<1000).count { _ in
            budget.earn()
            return budget.spend()
        }
        #expect((100...110).contains(granted))
    }
}

struct GatewayRouteTests {
    @Test(arguments: [
        ("/api/users", "users", "/users", "/api/users"),
        ("/api/v1/users/7", "users", "/users/7", "/api/v1/users/{id}"),
        ("/api/orders/7/events", "orders", "/orders/7/events", "/api/orders/{id}/{part}"),
        ("/api/orders/7/a/b/c", "orders", "/orders/7/a/b/c", "/api/orders/{id}/{part}"),
        ("//api//products/", "products", "/products", "/api/products"),
    ])
    func `a path finds its upstream`(path: String, upstream: String, inner: String, pattern: String) throws {
        let match = try #require(GatewayRoute.match(path))
        #expect(match.route.upstream == upstream)
        #expect(match.path == inner)
        #expect(match.pattern == pattern)
    }

    @Test(arguments: ["/", "/api", "/api/v1", "/api/wishlists", "/users", "/api/v2/users", "/api/payments/1"])
    func `anything else is not part of the API`(path: String) {
        #expect(GatewayRoute.match(path) == nil)
    }
}
