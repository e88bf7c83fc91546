import FleetModel
import Testing

@testable import FleetManifest

struct ValueTests {
    @Test(arguments: [
        ("500ms", 500), ("10s", 10_000), ("1m30s", 90_000), ("2h", 7_200_000), ("1.5s", 1500), ("0", 0), ("0s", 0),
        ("1d", 86_400_000), ("1h1m1s1ms", 3_661_001),
    ])
    func `durations`(text: String, milliseconds: Int) {
        #expect(Quantity.duration(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "10", "s", "-1s", "1x", "1s2", "1 s", "1e9s", "9999999999999999999s", "1.2.3s", "400d", "١s"])
    func `what is no duration`(text: String) { #expect(Quantity.duration(text) == nil) }

    @Test(arguments: [
        ("64KiB", 65_536), ("10MiB", 10_485_760), ("1gib", 1 << 30), ("4096", 4096), ("10MB", 10_000_000),
        ("64k", 65_536),
        ("1.5k", 1536), ("0", 0), ("12b", 12),
    ])
    func `sizes`(text: String, bytes: Int) { #expect(Quantity.bytes(text) == bytes) }

    @Test(arguments: ["", "MiB", "-1", "1XB", "99999999999999999999GiB", "1 MiB"])
    func `what is no size`(text: String) { #expect(Quantity.bytes(text) == nil) }

    @Test(arguments: [
        ("restart: on-failure:5", RestartPolicy.Mode.onFailure, 5), ("restart: no", .no, 0),
        ("restart: always", .always, 0),
        ("restart: \"unless-stopped\"", .unlessStopped, 0),
    ])
    func `restart policies`(line: String, mode: RestartPolicy.Mode, limit: Int) throws {
        let spec = try #require(try service(line))
        #expect(spec.restart.mode == mode && spec.restart.maxRestarts == limit)
    }

    @Test(arguments: [
        (
            "restart: on-failure:x",
            "4:14: \"restart\" is one of no, on-failure[:N], always, unless-stopped, not \"on-failure:x\""
        ),
        (
            "restart: alwys",
            "4:14: \"restart\" is one of no, on-failure[:N], always, unless-stopped, not \"alwys\"; did you mean \"always\"?"
        ),
        ("restart: on-failure:3\nmax_restarts: 5", "5:19: \"max_restarts\" and \"restart: on-failure:3\" disagree"),
        ("restart: [no]", "4:14: \"restart\" takes a text, not a list"),
        ("enabled: no", "4:14: \"enabled\" takes true or false, not \"no\""),
        ("enabled: \"true\"", "4:14: \"enabled\" takes true or false, not \"true\""),
        ("replicas: many", "4:15: \"replicas\" takes a whole number from 0 to 1000, not \"many\""),
        ("replicas: -1", "4:15: \"replicas\" takes a whole number from 0 to 1000, not \"-1\""),
        (
            "replicas: 99999999999999999999",
            "4:15: \"replicas\" takes a whole number from 0 to 1000, not \"99999999999999999999\""
        ),
        ("replicas: {a: b}", "4:15: \"replicas\" takes a whole number from 0 to 1000, not a mapping"),
        ("stop_grace_period: 10", "4:24: \"stop_grace_period\" takes a duration like 500ms, 10s or 1m30s, not \"10\""),
        ("stop_signal: SIGTREM", "4:18: \"SIGTREM\" is no signal; did you mean \"SIGTERM\"?"),
        (
            "kill_mode: sesion",
            "4:16: \"kill_mode\" is one of session, group, main, not \"sesion\"; did you mean \"session\"?"
        ),
        (
            "success_exit_codes: [0, 256]",
            "4:29: \"success_exit_codes\" takes a whole number from 0 to 255, not \"256\""
        ),
        (
            "stop_signal: 99",
            "4:18: \"stop_signal\" takes a number from 1 to 64 or a name like SIGTERM, not \"99\""
        ),
        (
            "stop_signal: -9",
            "4:18: \"stop_signal\" takes a number from 1 to 64 or a name like SIGTERM, not \"-9\""
        ),
        ("stop_grace_period: 400d", "4:24: \"stop_grace_period\" takes at most 366d, not \"400d\""),
        ("window: 99999999999999999999s", "4:13: \"window\" takes at most 366d, not \"99999999999999999999s\""),
        ("resources: {cpu: 99999999}", "4:22: \"cpu\" takes at most 366d, not \"99999999\""),
        ("logging: {max_size: 2048GiB}", "4:25: \"max_size\" takes at most 1024GiB, not \"2048GiB\""),
        (
            "resources: {memory: 99999999999999999999}",
            "4:25: \"memory\" takes at most 1048576GiB, not \"99999999999999999999\""
        ),
        ("enabled: ${E:-maybe}", "4:14: \"enabled\" takes true or false, not \"maybe\""),
        ("depends_on: b", "4:17: \"depends_on\" takes a list of names or a mapping, not \"b\""),
        ("environment: A=1", "4:18: \"environment\" takes a list of NAME=value or a mapping, not \"A=1\""),
        ("inherit_env: tru", "4:18: \"inherit_env\" takes true, false or a list of names, not \"tru\""),
        ("inherit_env: {}", "4:18: \"inherit_env\" takes true, false or a list of names, not a mapping"),
        ("env: {A: 1}", "4:5: unknown key \"env\"; write \"environment\""),
        ("cmd: x", "4:5: unknown key \"cmd\"; write \"command\""),
        ("dir: x", "4:5: unknown key \"dir\"; write \"working_dir\""),
        ("cwd: x", "4:5: unknown key \"cwd\"; write \"working_dir\""),
        ("depends: [b]", "4:5: unknown key \"depends\"; write \"depends_on\""),
        ("dependsOn: [b]", "4:5: unknown key \"dependsOn\"; write \"depends_on\""),
        ("backoff: {factor: 0.5}", "4:23: \"factor\" takes a number from 1 to 1000, not \"0.5\""),
        ("backoff: {jitter: nan}", "4:23: \"jitter\" takes a fraction from 0 to 1, not \"nan\""),
        ("backoff: 3s", "4:14: \"backoff\" takes a mapping, not \"3s\""),
        ("logging: {max_size: 1}", "4:25: \"max_size\" takes a size from 4KiB up like 10MiB, not \"1\""),
        ("logging: {format: xml}", "4:23: \"format\" is one of auto, json, logfmt, text, not \"xml\""),
        ("ports: 3000", "4:12: \"ports\" takes a list, not \"3000\""),
        (
            "ports: [\"8080:80\"]",
            "4:13: a port takes a whole number from 1 to 65535, not \"8080:80\"; nothing is mapped here, so name the port that the service itself listens on"
        ),
        (
            "ports: [\"127.0.0.1:8080:80/tcp\"]",
            "4:13: a port takes a whole number from 1 to 65535, not \"127.0.0.1:8080:80/tcp\"; nothing is mapped here, so name the port that the service itself listens on"
        ),
        (
            "ports: [3000-3005]",
            "4:13: a port takes a whole number from 1 to 65535, not \"3000-3005\"; name each port by itself"
        ),
        ("ports: [http]", "4:13: a port takes a whole number from 1 to 65535, not \"http\""),
        (
            "ports: [{target: 80, published: 8080}]",
            "4:14: unknown key \"target\"; nothing is mapped here: \"port\" is what the service listens on"
        ),
        ("ports: [1, 1]", "4:16: port \"1\" is given twice"),
        ("ports: [{name: http}]", "4:13: a port needs \"port\", its number; or \"allocate: true\" for any free one"),
        ("ports: [{port: 1, protocol: sctp}]", "4:33: \"protocol\" is one of tcp, udp, not \"sctp\""),
        ("ports: [{port: 1, name: a b}]", "4:29: \"a b\" is no name of a port: letters, digits, - and _"),
        ("pre_stop: []", "4:15: \"pre_stop\" is empty"),
        ("environment: {A: [1]}", "4:22: variable \"A\" takes a text, not a list"),
        ("environment: [\"=x\"]", "4:19: \"\" is no name of a variable"),
        ("env_file: [{required: false}]", "4:16: \"env_file\" names no file"),
        ("depends_on: [a, a]", "4:21: \"a\" is given twice"),
        ("metrics: {path: /m}", "4:14: \"metrics\" needs \"port\""),
        (
            "metrics: {port: 1, interval: 1s, timeout: 2s}",
            "4:47: \"timeout\" is longer than the interval between two scrapes"
        ),
    ])
    func `a value of the wrong kind says what it should be`(body: String, expected: String) {
        #expect(serviceErrors(body).contains(expected), "\(serviceErrors(body))")
    }

    @Test(arguments: [
        ("test: pg_isready -q", ProbeSpec.Check.test(.shell("pg_isready -q"))),
        ("test: [CMD, pg_isready, -q]", .test(.exec(["pg_isready", "-q"]))),
        ("test: [CMD-SHELL, \"a && b\"]", .test(.shell("a && b"))),
        ("tcp: {port: 5432}", .tcp(host: "127.0.0.1", port: 5432)),
        ("tcp: {port: http}", .tcp(host: "127.0.0.1", port: 80)),
        ("tcp: {}", .tcp(host: "127.0.0.1", port: 80)),
        ("tcp: {port: 1, host: db.local}", .tcp(host: "db.local", port: 1)),
        ("log: 'listening on [0-9]+$'", .log(pattern: "listening on [0-9]+$")),
        ("grpc: {port: 50051}", .grpc(host: "127.0.0.1", port: 50_051, service: "")),
        ("grpc: {port: http, host: h, service: shop.Users}", .grpc(host: "h", port: 80, service: "shop.Users")),
        ("grpc: {}", .grpc(host: "127.0.0.1", port: 80, service: "")), ("notify: true", .notify),
        ("listen: true", .listen),
    ])
    func `probes`(text: String, expected: ProbeSpec.Check) throws {
        let spec = try #require(try service("ports: [{name: http, port: 80, host: 0.0.0.0}]\nhealthcheck: {\(text)}"))
        #expect(spec.probes.readiness?.check == expected)
    }

    @Test func `an http probe in full`() throws {
        let spec = try #require(
            try service(
                "healthcheck: {http: {port: 8080, path: '/h?x=1', host: h, method: head, headers: {x-key: v}, status: [204, 300-399]}}"
            )
        )
        guard case .http(let check)? = spec.probes.readiness?.check else {
            Issue.record("no http check")
            return
        }
        #expect(check.port == 8080 && check.path == "/h?x=1" && check.host == "h" && check.method == "HEAD")
        #expect(check.headers == ["x-key": "v"] && check.statuses == [204...204, 300...399])
    }

    @Test(arguments: [
        (
            "healthcheck: {}",
            "4:18: \"healthcheck\" asks nothing: it needs one of test, http, tcp, grpc, log, notify, listen"
        ),
        ("healthcheck: {test: a, tcp: {port: 1}}", "4:18: \"healthcheck\" asks more than one thing: test, tcp"),
        (
            "healthcheck: {test: [curl, x]}",
            "4:25: \"test\" as a list begins with CMD, CMD-SHELL or NONE; write [CMD, curl, x]"
        ),
        (
            "healthcheck: {http: {port: htp}}\nports: [{name: http, port: 1}]",
            "4:32: there is no port \"htp\"; did you mean \"http\"?"
        ),
        ("healthcheck: {http: {port: http}}", "4:32: there is no port \"http\"; this service declares no ports"),
        ("healthcheck: {http: {path: /}}", "4:25: \"http\" needs \"port\""),
        (
            "healthcheck: {http: {port: 1, path: health}}",
            "4:41: \"path\" begins with / and has no blanks, unlike \"health\""
        ),
        ("healthcheck: {http: {port: 1, status: 99}}", "4:43: \"status\" takes codes like 204 or 200-299, not \"99\""),
        (
            "healthcheck: {http: {port: 1, status: 299-200}}",
            "4:43: \"status\" takes codes like 204 or 200-299, not \"299-200\""
        ),
        ("healthcheck: {http: {port: 1, headers: {\"A\\r\\nB\": c}}}", "4:45: \"A\r\nB\" is no HTTP header"),
        (
            "healthcheck: {http: {port: 1, headers: {A: \"b\\r\\nC: d\"}}}",
            "4:48: the value of header \"A\" holds a line break"
        ),
        (
            "healthcheck: {http: {port: 1, headers: {A: \"\\a\"}}}",
            "4:48: the value of header \"A\" holds a control character"
        ),
        ("healthcheck: {test: [CMD]}", "4:25: CMD needs a command after it"),
        ("healthcheck: {test: [CMD, \"\"]}", "4:25: CMD needs a command after it"),
        ("healthcheck: {test: [CMD-SHELL]}", "4:25: CMD-SHELL needs a command after it"),
        ("healthcheck: {test: [CMD-SHELL, a, b]}", "4:25: \"test\" with CMD-SHELL takes one text"),
        (
            "healthcheck: {tcp: {port: dns}}\nports: [{name: dns, port: 53, protocol: udp}]",
            "4:31: port \"dns\" is one of UDP, and \"tcp\" asks over TCP"
        ),
        (
            "healthcheck: {http: {port: 53}}\nports: [53/udp]",
            "4:32: port \"53\" is one of UDP, and \"http\" asks over TCP"
        ),
        (
            "healthcheck: {grpc: {port: 53}}\nports: [{name: dns, port: 53, protocol: udp}]",
            "4:32: port \"dns\" is one of UDP, and \"grpc\" asks over TCP"
        ),
        (
            "healthcheck: {tcp: {port: 1}, retries: 0}",
            "4:44: \"retries\" takes a whole number from 1 to 1000000, not \"0\""
        ),
        (
            "healthcheck: {tcp: {port: 1}, interval: 0s}",
            "4:45: \"interval\" takes a duration above zero like 500ms, 10s or 1m30s, not \"0s\""
        ),
        (
            "healthcheck: {http: {port: 1, scheme: https}}",
            "4:43: \"scheme\" is http, not \"https\"; ask with a program of yours: test: [CMD, curl, -fsk, https://…]"
        ),
        ("healthcheck: {notify: false}", "4:27: \"notify\" takes true; or leave it out"),
        ("healthcheck: {notify: yes}", "4:27: \"notify\" takes true or false, not \"yes\""),
        (
            "ports: [53/udp]\nhealthcheck: {listen: true}",
            "5:27: \"listen\" asks for the declared ports, and there is no TCP port"
        ),
        ("healthcheck: {grpc: {}}", "4:25: \"grpc\" needs \"port\""),
        ("healthcheck: {grpc: {port: 1, servce: x}}", "4:35: unknown key \"servce\"; did you mean \"service\"?"),
        ("healthcheck: {notify: true, listen: true}", "4:18: \"healthcheck\" asks more than one thing: notify, listen"),
        ("healthcheck: {http_get: {port: 1}}", "4:19: unknown key \"http_get\"; write \"http\""),
        ("readiness_probe: {test: x}", "4:5: unknown key \"readiness_probe\"; write \"healthcheck\""),
        ("liveness: {tcp: {prot: 1}}", "4:22: unknown key \"prot\"; did you mean \"port\"?"),
    ])
    func `probes that make no sense`(body: String, expected: String) {
        #expect(serviceErrors(body).contains(expected), "\(serviceErrors(body))")
    }

    @Test func `short and long ports, and their names`() throws {
        let spec = try #require(try service("ports: [3000, \"3001\", 53/udp, {name: http, port: 8080, host: \"::\"}]"))
        #expect(
            spec.ports == [
                PortSpec(name: "3000", number: 3000), PortSpec(name: "3001", number: 3001),
                PortSpec(name: "53", number: 53, transport: .udp), PortSpec(name: "http", number: 8080, host: "::"),
            ]
        )
    }

    @Test func `a number that TCP and UDP share means the port of TCP`() throws {
        let ports = "ports: [53/udp, {name: dns, port: 53}]"
        #expect(
            try service("\(ports)\nhealthcheck: {tcp: {port: 53}}")?.probes.readiness?.check
                == .tcp(host: "127.0.0.1", port: 53)
        )
    }

    @Test func `environments as lists and mappings`() throws {
        let list = try #require(try service("environment: [A=1, B=x=y, C=, 'D=a b']"))
        #expect(
            list.environment.variables.map { "\($0.name)>\($0.value ?? "unset")" } == ["A>1", "B>x=y", "C>", "D>a b"]
        )
        let map = try #require(
            try service("environment: {A: 1, B: true, C: null, D: \"\", E: 0x1F}\ninherit_env: [PATH, HOME]")
        )
        #expect(
            map.environment.variables.map { "\($0.name)>\($0.value ?? "unset")" }
                == ["A>1", "B>true", "C>unset", "D>", "E>0x1F"]
        )
        #expect(map.environment.inherited == .only(["PATH", "HOME"]))
        #expect(try service("inherit_env: false")?.environment.inherited == .nothing)
    }

    @Test func `a variable alone in a list takes what the manifest's variables say`() throws {
        let text = "services: {a: {command: a, environment: [HERE, GONE]}}"
        let fleet = try #require(load(text) { $0.environment = ["HERE": "x"] }.fleet)
        #expect(fleet.services[0].environment.variables == [.init(name: "HERE", value: "x")])
    }
}
