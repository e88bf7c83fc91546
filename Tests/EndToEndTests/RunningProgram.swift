import Foundation
import Testing

/// What a program left when it ended.
struct Outcome {
    /// The exit status; 128 + the signal's number when a signal ended it.
    let status: Int32
    let output: String
    let errors: String

    /// Standard output as JSON; fails the test when it is not.
    func json(sourceLocation: SourceLocation = #_sourceLocation) throws -> Any {
        do {
            return try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed)
        } catch {
            Issue.record("not JSON: \(output.prefix(400))\n\(errors)", sourceLocation: sourceLocation)
            throw error
        }
    }

    /// Standard output as one JSON document a line.
    func jsonLines(sourceLocation: SourceLocation = #_sourceLocation) throws -> [[String: Any]] {
        try output.split(separator: "\n").map { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return try #require(object, "not an object: \(line)", sourceLocation: sourceLocation)
        }
    }
}

/// A program without a terminal, its streams in files, so that it never waits for the test to read.
final class RunningProgram {
    let words: String
    private let process = Process()
    private let outputFile: URL
    private let errorFile: URL

    init(_ executable: String, _ arguments: [String], in folder: URL, environment: [String: String]) throws {
        words = ([URL(fileURLWithPath: executable).lastPathComponent] + arguments).joined(separator: " ")
        outputFile = folder.appendingPathComponent("out-\(UInt32.random(in: 0 ... .max))")
        errorFile = outputFile.appendingPathExtension("err")
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        for file in [outputFile, errorFile] { try Data().write(to: file) }
        let handles = try [outputFile, errorFile].map { try FileHandle(forWritingTo: $0) }
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        try process.run()
        for handle in handles { try handle.close() }
    }

    var pid: pid_t { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var output: String { text(outputFile) }
    var errors: String { text(errorFile) }

    /// Waits for the end; a program that does not end in time is killed and fails the test.
    func end(within seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Outcome {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            if ContinuousClock.now > deadline {
                Issue.record("\(words) does not end: \(output)\(errors)", sourceLocation: sourceLocation)
                kill(pid, SIGKILL)
                throw TimedOut(what: "the end of \(words)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        let wasKilled = process.terminationReason == .uncaughtSignal
        return Outcome(status: process.terminationStatus + (wasKilled ? 128 : 0), output: output, errors: errors)
    }

    private func text(_ file: URL) -> String {
        String(decoding: FileManager.default.contents(atPath: file.path) ?? Data(), as: UTF8.self)
    }
}

struct TimedOut: Error { let what: String }
