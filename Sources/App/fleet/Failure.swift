import ArgumentParser
import FleetAPI

/// Why a command ends with something else than 0: one sentence, and the status.
struct Failure: Error, CustomStringConvertible {
    var status: ExitCode
    var message: String

    /// It was tried and did not work, or the world is not as it should be.
    static func failed(_ message: String) -> Failure { Failure(status: ExitCode(1), message: message) }

    /// The command line or the manifest is wrong.
    static func invalid(_ message: String) -> Failure { Failure(status: ExitCode(2), message: message) }

    static func notRunning(_ message: String) -> Failure { Failure(status: ExitCode(3), message: message) }

    static func timedOut(_ message: String) -> Failure { Failure(status: ExitCode(124), message: message) }

    /// Another engine has the manifest: for whoever started this one, not for people. EX_TEMPFAIL of sysexits.h.
    static func taken(_ message: String) -> Failure { Failure(status: takenStatus, message: message) }

    static let takenStatus = ExitCode(75)

    /// The status without a word, when everything was already said.
    static func silent(_ status: Int32) -> Failure { Failure(status: ExitCode(status), message: "") }

    init(status: ExitCode, message: String) {
        self.status = status
        self.message = message
    }

    var description: String { message }

    init(_ error: EngineError) {
        self =
            switch error.code {
            case .notRunning: .notRunning(error.message)
            case .invalid, .notFound: .invalid(error.message)
            case .failed: .failed(error.message)
            case .timedOut: .timedOut(error.message)
            }
    }
}
