import Foundation
import Testing

/// What the behaviours need beside the fleet itself.
extension Workbench {
    /// `perl server.pl ADDRESS PORT`: answers every HTTP request with 200. Perl, because every Debian has it.
    func writeServer() throws {
        let program = """
            use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 IPPROTO_IPV6 IPV6_V6ONLY);
            my ($address, $port) = @ARGV;
            $| = 1;
            my $six = $address =~ /:/;
            socket(my $server, $six ? AF_INET6 : AF_INET, SOCK_STREAM, 0) or die "socket: $!\\n";
            setsockopt($server, SOL_SOCKET, SO_REUSEADDR, pack("l", 1));
            setsockopt($server, IPPROTO_IPV6, IPV6_V6ONLY, pack("l", 1)) if $six;
            bind($server, $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address))
                : pack_sockaddr_in($port, inet_aton($address))) or die "bind: $!\\n";
            listen($server, 128) or die "listen: $!\\n";
            print "listening\\n";
            while (accept(my $client, $server)) {
                while (my $line = <$client>) { last if $line =~ /^\\r?\\n$/ }
                print $client "HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nok\\n";
                close($client);
            }
            """
        try write(program, to: "server.pl")
    }

    func lines(of name: String) throws -> [String] {
        let text = (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// What `fleet events --json` says of these services, oldest first.
    func events(_ services: String...) async throws -> [[String: Any]] {
        try await run(["events", "--json", "-n", "5000"] + services).json() as? [[String: Any]] ?? []
    }

    /// The delays, in milliseconds, that the events announced for the restarts of a service, oldest first.
    func announcedDelays(_ service: String) async throws -> [Double] {
        try await events(service).compactMap { event in
            guard event["kind"] as? String == "restarting", let message = event["message"] as? String,
                let found = message.firstMatch(of: /restart #\d+ in ([0-9.]+)(ms|s)/)
            else { return nil }
            return Double(found.output.1).map { found.output.2 == "s" ? $0 * 1000 : $0 }
        }
    }

    /// The words of a process's command line.
    static func words(of pid: pid_t) -> [String] {
        let words = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
        return String(decoding: words, as: UTF8.self).split(separator: "\0").map(String.init)
    }

    /// A number of /proc/PID/stat, counted as proc(5) does; 4 or more.
    static func statusField(_ number: Int, of pid: pid_t) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let rest = text.split(separator: ")").last
        else { return nil }
        let fields = rest.split(separator: " ")
        return number - 3 < fields.count ? Int(fields[number - 3]) : nil
    }

    /// Children of a process that have ended and were not reaped.
    static func zombies(of parent: pid_t) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { statusField(4, of: $0) == Int(parent) && !isAlive($0) }
    }

    /// Resident memory. Bytes.
    static func memory(of pid: pid_t) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8)) ?? ""
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * Int(getpagesize()) } ?? 0
    }
}

extension Workbench {
    /// Bytes of a service's log segments on disk.
    func segmentBytes(of service: String) -> Int {
        let walk = FileManager.default.enumerator(atPath: folder.appendingPathComponent("state").path)
        var bytes = 0
        while let path = walk?.nextObject() as? String {
            guard path.contains("/\(service)/") || path.contains("/\(service).") || path.contains("/\(service)-") else {
                continue
            }
            bytes += (walk?.fileAttributes?[.size] as? Int) ?? 0
        }
        return bytes
    }
}
