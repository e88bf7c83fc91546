import FleetModel
import Testing

@testable import FleetEngine

@Suite struct SecretTests {
    @Test(arguments: [
        "PASSWORD", "DB_PASSWORD", "dbPassword", "PGPASSWORD", "API_TOKEN", "GITHUB_TOKEN", "apiKey", "API_KEY",
        "AWS_SECRET_ACCESS_KEY", "STRIPE-SECRET", "SIGNING_KEY", "AUTH", "BASIC_AUTH", "PRIVATE_KEY", "credentials",
        "SESSION_COOKIE", "SSH_PASSPHRASE", "KEY1",
    ])
    func `a name that promises a secret is believed`(name: String) {
        #expect(SecretPatterns.isSecret(name: name, value: "s3cr3t"))
    }

    @Test(arguments: [
        "PATH", "HOME", "KEYBOARD", "MONKEY", "AUTHOR", "COMPASS", "PWD", "LOG_LEVEL", "PORT", "SSH_AUTH_SOCK",
        "PASSWORD_FILE", "TLS_KEY_PATH", "KEYCLOAK_URL", "",
    ])
    func `a name that only sounds like one is shown`(name: String) {
        #expect(!SecretPatterns.isSecret(name: name, value: "plain"))
    }

    @Test(arguments: [
        "postgres://app:hunter2@db:5432/app", "amqp://guest:guest@localhost", "-----BEGIN RSA PRIVATE KEY-----\nMII",
        "AKIAIOSFODNN7EXAMPLE", "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB",
        "github_pat_11ABCDEFG0123456789abc", "glpat-0123456789abcdefghij", "xoxb-1234567890-abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
        "Bearer sk_live_0123456789abcdef",
    ])
    func `a value that looks like a secret is one under any name`(value: String) {
        #expect(SecretPatterns.isSecret(name: "SETTING", value: value))
    }

    @Test(arguments: [
        "http://127.0.0.1:3000/health", "postgres://app@db:5432/app", "stomp://127.0.0.1:61613", "AKIA", "skeleton",
        "a:b@c", "ghp_short", "12:30", "user@example.com", "--verbose", "info", "/usr/bin:/bin",
        "https://example.com/a:b@c",
    ])
    func `an ordinary value is shown`(value: String) {
        #expect(!SecretPatterns.isSecret(name: "SETTING", value: value))
    }

    @Test func `what cannot be a secret is shown whatever its name`() {
        #expect(!SecretPatterns.isSecret(name: "AUTH", value: "true"))
        #expect(!SecretPatterns.isSecret(name: "PASSWORD", value: ""))
        #expect(!SecretPatterns.isSecret(name: "TOKEN", value: nil))
    }

    @Test func `values of secret variables are blotted out wherever they turn up`() {
        var fleet = Fleet(name: "test", services: [service("db")])
        fleet.services[0].environment.variables = [
            EnvironmentSpec.Variable(name: "DB_PASSWORD", value: "hunter2"),
            EnvironmentSpec.Variable(name: "DB_URL", value: "postgres://app:swordfish@db/app"),
            EnvironmentSpec.Variable(name: "LOG_LEVEL", value: "debug"),
            EnvironmentSpec.Variable(name: "AUTH_PIN", value: "1"),
        ]
        let mask = SecretMask(fleet)
        #expect(mask.masked("exit 1: hunter2 refused") == "exit 1: •••••• refused")
        #expect(mask.masked("app/swordfish, level debug") == "app/••••••, level debug")
        #expect(mask.masked("1 failure") == "1 failure")
        #expect(mask.masked("ready after 1s (GET http://127.0.0.1:80/)") == "ready after 1s (GET http://127.0.0.1:80/)")
        #expect(mask.masked("") == "")
    }

    @Test func `secrets in a command line are found by their shape`() {
        let mask = SecretMask(Fleet(name: "test", services: []))
        #expect(mask.masked("psql postgres://u:p4ss@h/db") == "psql postgres://u:••••••@h/db")
        #expect(mask.masked("PGPASSWORD=abc psql -h db") == "PGPASSWORD=•••••• psql -h db")
        #expect(mask.masked("serve --api-key=abc --port=80") == "serve --api-key=•••••• --port=80")
        #expect(mask.masked("serve --token abc --port 80") == "serve --token •••••• --port 80")
        #expect(mask.masked("sh -c 'TOKEN=\"a b\" run'") == "sh -c 'TOKEN=\"••••••\" run'")
        #expect(mask.masked("run --password=$PASSWORD") == "run --password=$PASSWORD")
        #expect(mask.masked("run --token --verbose") == "run --token --verbose")
        #expect(mask.masked("key -----BEGIN PRIVATE KEY----- abc") == "key ••••••")
    }

    @Test func `garbage is no trouble`() {
        let mask = SecretMask(Fleet(name: "test", services: []))
        for text in ["=", "--", "://", ":://@", "PASSWORD=", "a=b=c", "\u{0}://x:y@", "--password ", "é=ü://ö:ä@"] {
            #expect(!mask.masked(text).isEmpty)
        }
    }
}
