import ArgumentParser
import CellGrid
import FleetAPI
import FleetModel
import Foundation

/// How the console looks, and what to do where it cannot be shown.
struct ScreenOptions: ParsableArguments {
    @Option(help: "auto, 256, 16 or mono. NO_COLOR=1 means mono.") var color = "auto"
    @Option(help: "auto, braille, block or ascii.") var glyphs = "auto"

    func validate() throws {
        guard ["auto", "256", "16", "mono"].contains(color) else {
            throw ValidationError("--color takes auto, 256, 16 or mono, not \"\(color)\"")
        }
        guard ["auto", "braille", "block", "ascii"].contains(glyphs) else {
            throw ValidationError("--glyphs takes auto, braille, block or ascii, not \"\(glyphs)\"")
        }
    }

    private var preferences: TerminalProfile.Preferences {
        let colours: ColourMode? = ["256": .ansi256, "16": .ansi16, "mono": .mono][color]
        let set: GlyphSet? = ["braille": .unicodeBraille, "block": .unicodeBlock, "ascii": .ascii][glyphs]
        return TerminalProfile.Preferences(colours: colours, glyphs: set)
    }

    /// The console when it can be shown, else the stream with one line that says why.
    ///
    /// - Parameters:
    ///   - client: of the running engine.
    ///   - stream: the merged log in any case.
    ///   - json: the merged log in JSON.
    ///   - ownsFleet: this command started the engine, so closing the terminal, or ending the stream, stops it.
    /// - Throws: the status to end with when it was not left in the ordinary way.
    func open(_ client: any EngineClient, stream: Bool, json: Bool = false, ownsFleet: Bool) async throws {
        let profile = TerminalProfile.decide(
            environment: ProcessInfo.processInfo.environment,
            isTTY: Terminal.isInteractive,
            preferences: preferences
        )
        let streaming = StreamSession(client: client, json: json, ownsFleet: ownsFleet)
        if stream { return try await streaming.run() }
        if case .stream(let reason) = profile.output {
            Terminal.complain(
                "\(reason) Printing the merged log instead; Ctrl-C \(ownsFleet ? "stops the fleet" : "leaves")."
            )
            return try await streaming.run()
        }
        // The screen reports a terminal that goes away; the signal that follows must not end us while we stop the fleet.
        signal(SIGHUP, SIG_IGN)
        let end: ConsoleLoop.End
        do {
            end = try await ConsoleSession(client: client, profile: profile, theme: .standard).run()
        } catch {
            Terminal.complain("\(error) Printing the merged log instead.")
            return try await streaming.run()
        }
        switch end {
        case .left: break
        case .hangup:
            // The terminal was closed under a fleet that this command started: nobody will stop it otherwise.
            if ownsFleet { _ = try? await client.shutDown(ShutdownRequest()) }
        case .terminated: throw Failure.silent(143)
        }
    }
}
