/// Makes broken manifests out of a rich one; the same seed gives the same ones.
///
/// Each is the base with one to six changes. Most are small: a flipped bit, a piece of YAML or of a `${…}` put in, a
/// range taken out, doubled or laid over another place, a line moved, doubled, or indented anew, a key or a value put in the
/// place of another, a number replaced by an extreme one. A few are large: nesting up to 2000 deep, anchors that multiply
/// (“billion laughs”), scalars of up to a quarter of a megabyte.
struct ManifestMutator {
    private var random: SplitMix
    private let base: [UInt8]

    init(seed: UInt64, base: String = Self.richManifest) {
        // Neighbouring seeds would give the same numbers, one step apart.
        var scrambled = SplitMix(state: seed)
        random = SplitMix(state: scrambled.next())
        self.base = Array(base.utf8)
    }

    mutating func next() -> [UInt8] {
        var bytes = base
        // Mostly one or two: many changes end where the YAML itself ends, and say little about what comes behind it.
        for _ in 0...random.below(1 + random.below(6)) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        switch random.below(100) {
        case 0..<8: flip(&bytes)
        case 8..<20: insert(pick(Self.pieces), into: &bytes)
        case 20..<26: bytes.removeSubrange(range(in: bytes, upTo: 40))
        case 26..<32: insert(Array(bytes[range(in: bytes, upTo: 80)]), into: &bytes)
        case 32..<38: bytes.replaceSubrange(range(in: bytes, upTo: 40), with: Array(bytes[range(in: bytes, upTo: 40)]))
        case 38..<50: changeLine(&bytes)
        case 50..<64: replaceWord(&bytes, with: pick(Self.keys))
        case 64..<79: replaceValue(&bytes, with: pick(Self.values))
        case 79..<94: replaceNumber(&bytes, with: pick(Self.numbers))
        case 94..<96: nest(&bytes)
        case 96..<98: multiplyAliases(&bytes)
        default: stretch(&bytes)
        }
    }

    // MARK: - Small changes

    private mutating func flip(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let index = random.below(bytes.count)
        bytes[index] = random.below(2) == 0 ? bytes[index] ^ (1 << UInt8(random.below(8))) : UInt8(random.below(256))
    }

    private mutating func insert(_ piece: [UInt8], into bytes: inout [UInt8]) {
        bytes.insert(contentsOf: piece, at: random.below(bytes.count + 1))
    }

    private mutating func changeLine(_ bytes: inout [UInt8]) {
        var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
        let (from, to) = (random.below(lines.count), random.below(lines.count))
        switch random.below(5) {
        case 0: lines.remove(at: from)
        case 1: lines.insert(lines[from], at: to)
        case 2: lines.swapAt(from, to)
        case 3: lines[from] = [UInt8](repeating: 32, count: random.below(12)) + lines[from].drop { $0 == 32 }
        default: lines.insert(contentsOf: lines[min(from, to)..<max(from, to)].prefix(12), at: to)
        }
        bytes = Array(lines.joined(separator: [10]))
    }

    /// A word of letters, wherever one begins behind a random place.
    private mutating func replaceWord(_ bytes: inout [UInt8], with word: [UInt8]) {
        replaceRun(&bytes, with: word) { (97...122).contains($0) || (65...90).contains($0) || $0 == 95 }
    }

    private mutating func replaceNumber(_ bytes: inout [UInt8], with number: [UInt8]) {
        replaceRun(&bytes, with: number) { (48...57).contains($0) }
    }

    private mutating func replaceRun(_ bytes: inout [UInt8], with new: [UInt8], where belongs: (UInt8) -> Bool) {
        let place = random.below(bytes.count + 1)
        guard let start = bytes[place...].firstIndex(where: belongs) else { return }
        let end = bytes[start...].firstIndex { !belongs($0) } ?? bytes.endIndex
        bytes.replaceSubrange(start..<end, with: new)
    }

    /// What stands behind a colon, up to the end of the line or of the item.
    private mutating func replaceValue(_ bytes: inout [UInt8], with value: [UInt8]) {
        let place = random.below(bytes.count + 1)
        guard let colon = bytes[place...].firstIndex(of: 58) else { return }
        let ends: [UInt8] = random.below(2) == 0 ? [10] : [10, 44, 93, 125]
        let end = bytes[(colon + 1)...].firstIndex { ends.contains($0) } ?? bytes.endIndex
        bytes.replaceSubrange((colon + 1)..<end, with: [32] + value)
    }

    // MARK: - Large changes

    private mutating func nest(_ bytes: inout [UInt8]) {
        let opening = pick(
            ["[", "{a: ", "- ", "[\n", "? ", "!!seq [", "&a [", "${X:-", "{\"a\": [", "  a:\n"].map(Self.bytes)
        )
        let depth = 1 + random.below(random.below(4) == 0 ? 2000 : 100)
        var nested = Array([[UInt8]](repeating: opening, count: depth).joined())
        if random.below(2) == 0 { nested += [UInt8](repeating: opening[0] == 123 ? 125 : 93, count: depth) }
        random.below(2) == 0 ? insert(nested, into: &bytes) : replaceValue(&bytes, with: nested)
    }

    /// Each level repeats the one before; the last one takes the place of some value.
    private mutating func multiplyAliases(_ bytes: inout [UInt8]) {
        // Four levels can be followed; twelve are the attack.
        let (levels, width) = (1 + random.below(random.below(4) == 0 ? 12 : 4), 1 + random.below(12))
        let isMerge = random.below(3) == 0
        var text = "x-0: &x0 \(isMerge ? "{a0: b}" : "[lol]")\n"
        for level in 1...levels {
            let aliases = Array(repeating: "*x\(level - 1)", count: width).joined(separator: ", ")
            text += "x-\(level): &x\(level) \(isMerge ? "{a\(level): b, <<: [\(aliases)]}" : "[\(aliases)]")\n"
        }
        bytes = Self.bytes(text) + bytes
        replaceValue(&bytes, with: Self.bytes("*x\(random.below(levels + 1))"))
    }

    private mutating func stretch(_ bytes: inout [UInt8]) {
        let unit = pick(
            ["a", " ", "\\n", "$$", "${X}", "${A:-b}", "'", "\u{1F600}", "9", ",", "/../", "* ", "\n", "#"].map(
                Self.bytes
            )
        )
        let size = random.below(random.below(8) == 0 ? 250_000 : 4000)
        let long = Array([[UInt8]](repeating: unit, count: size / unit.count + 1).joined())
        let quoted = random.below(2) == 0 ? [34] + long + [34] : long
        random.below(3) == 0 ? insert(quoted, into: &bytes) : replaceValue(&bytes, with: quoted)
    }

    // MARK: - Choices

    private mutating func pick(_ pieces: [[UInt8]]) -> [UInt8] { pieces[random.below(pieces.count)] }

    private mutating func range(in bytes: [UInt8], upTo size: Int) -> Range<Int> {
        let start = random.below(bytes.count + 1)
        return start..<min(bytes.count, start + random.below(size))
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", ": ", ":", "- ", "-", "\n", "  ", "\t", "\"", "'", "${", "}", "$", "$$", "&c ", "*c",
            "*d ",
            "<<: ", "#", " # ", "|", ">", "|+2", "\0", "\\0", "\\x1b", "é", "\u{FEFF}", "!!int ", "!x ", "~", "---\n",
            "...\n", "%YAML 1.2\n", "? ", ", ", ",,", "@", "`", "\r\n", "\u{85}", "${a.ports.http}", "${X:?m}",
            "${X:-${Y}}",
        ].map(bytes) + [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]

    private static let keys: [[UInt8]] = [
        "name", "include", "env_file", "environment", "defaults", "telemetry", "panels", "red", "reload",
        "shutdown_timeout",
        "services",
        "command", "ports", "port", "depends_on", "startup", "healthcheck", "liveness", "restart", "replicas", "scale",
        "deploy", "metrics", "schedule", "cron", "interval", "type", "develop", "watch", "build", "resources",
        "allocate",
        "test", "http", "tcp", "grpc", "notify", "listen", "log", "x-free", "path", "status", "web", "db", "true",
        "null",
    ].map(bytes)

    private static let values: [[UInt8]] = [
        "", "~", "null", "true", "no", "0", "-1", "1.5", "nan", "1e999", "text", "\"\"", "''", "[]", "{}", "[a, b]",
        "{a: b}", "*c", "*d", "&e 1", "[[[]]]", "{port: 0}", "65536", "\"8080:80\"", "+14:01", "\"*/0 * * * *\"",
        "\"@never\"", "100d", "1GiB", "on-failure:99999999999", "service_healthy", "[CMD]", "[NONE]", "\"\\0\"", "job",
        "../../../../..", "/", "/dev/zero", "fleet.yaml", "\"${web.ports.http}\"", "\"${nobody.ports.x}\"", "SIG", "64",
    ].map(bytes)

    private static let numbers: [[UInt8]] = [
        "0", "-0", "00", "1", "64", "65535", "65536", "1001", "4294967296", "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616", "99999999999999999999999999", "0x1F", "1e308", "1_000", "0.000000000000000000001", "٣",
    ].map(bytes)
}

/// SplitMix64.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
}

extension ManifestMutator {
    /// Every key of a manifest, and what YAML itself offers.
    static let richManifest = """
        # A comment with ${NOTHING:?in it}.
        name: shop
        include: [{path: infra.yaml, required: false}]
        env_file: [.env.shared]
        environment: {LOG_LEVEL: info, URL: "http://127.0.0.1:${web.ports.http}", GONE: null}
        reload: prompt
        x-common: &c {restart: always, environment: {A: "${X:-1}"}, stop_signal: INT}
        x-probe: &d {http: {port: http, path: /health}, interval: 1s}
        defaults:
          stop_grace_period: 10s
          backoff: {initial: 500ms, factor: 2, max: 30s, jitter: 0.1, reset_after: 10s}
          on_engine_death: keep
        telemetry:
          otlp: {http: 4318}
          scrape: {interval: 5s, timeout: 2s, sample_limit: 50000, body_limit: 16MiB}
          retention: {logs: 256MiB, metrics: 2h, traces: 256MiB}
          log_format: auto
        panels:
          - {title: Orders, expr: 'sum(rate(orders_created_total[1m]))'}
        red: {rate: 'sum by (service) (rate(http_requests_total[1m]))'}
        services:
          web:
            <<: *c
            command: ["${FLEET_BIN}/web", 'x', "$$HOME ${UNSET}"]
            description: |
              The front
              of it all
            working_dir: ./run
            env_file: [{path: web.env, required: false}]
            ports: [{name: http, port: 3000, host: "::1"}, 3001, {name: admin, allocate: true, protocol: udp}]
            depends_on:
              db: {condition: service_healthy, restart: always, timeout: 1m30s, any: true}
              migrate: {condition: service_completed_successfully, required: false}
            startup: {log: 'listening on [0-9]+', retries: 30}
            healthcheck: *d
            liveness: {grpc: {port: http, service: shop.Web}, retries: 5, successes: 2, start_period: 3s}
            max_restarts: 5
            window: 1m
            stop_signal: SIGINT
            pre_stop: ["./drain.sh"]
            kill_mode: group
            leftovers: kill
            success_exit_codes: [0, 143]
            replicas: 3
            metrics: {port: http, path: /metrics, interval: 5s}
            logging: {max_size: 10MiB, max_file: 5, color: true, format: json}
            resources: {memory: 512MiB, nofile: 4096, stack: 8MiB, core: unlimited, cpu: 1h}
            watchdog: 30s
            stdin_open: true
            develop:
              watch:
                - {path: ./Sources, include: "**/*.swift", action: rebuild}
                - {path: web.conf, action: signal, signal: HUP}
                - {path: assets, ignore: [dist, "*.tmp"], action: exec, exec: {command: [make, assets]}}
            build: make web
            profiles: [default, debug]
            group: core
            links: {docs: "http://h:${db.ports.sql}/x"}
          db:
            command: >-
              run me
              please
            deploy: {replicas: 1}
            ports: [{name: sql, port: 5432, socket_activation: true}]
            healthcheck: {test: [CMD, "true"], timeout: 500ms}
            inherit_env: [PATH, HOME]
            tty: true
            on_engine_death: stop
          migrate:
            type: job
            command: migrate
            schedule: {cron: "*/5 8-18 * * mon-fri", timezone: +02:00, overlap: restart}
            enabled: true
        """
}
