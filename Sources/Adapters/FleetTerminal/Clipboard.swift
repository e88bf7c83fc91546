import CellGrid
import Glibc

/// Which way copied text took. No way confirms that it arrived: say which one was used.
package enum ClipboardRoute: Hashable, Sendable {
    /// tmux's buffer, which tmux passes on to the outer terminal.
    case tmux
    /// The terminal itself (OSC 52).
    case terminal
    /// A clipboard program.
    case tool(String)
    /// Longer than terminals accept; nothing was sent, because half a text is worse than none.
    case tooLong(limit: Int)
    case unavailable
}

/// The user's setting.
package enum ClipboardPreference: String, Hashable, Sendable, CaseIterable {
    case auto, osc52, tools
}

extension Screen {
    /// The longest text that common terminals accept in OSC 52: 100 000 bytes of sequence, base64 and frame taken off.
    package static let clipboardLimit = 74_994

    /// Copies text to the clipboard of whoever sits in front of the terminal. Over SSH that is not this machine, so the
    /// terminal is preferred to clipboard programs.
    package func copyToClipboard(_ text: String, preference: ClipboardPreference = .auto) -> ClipboardRoute {
        let bytes = Array(text.utf8)
        if preference == .tools {
            for tool in Self.tools where ChildCommand.run(tool, input: bytes) { return .tool(tool[0]) }
            return .unavailable
        }
        guard bytes.count <= Self.clipboardLimit else { return .tooLong(limit: Self.clipboardLimit) }
        if preference == .auto, profile.isInsideTmux,
            ChildCommand.run(["tmux", "load-buffer", "-w", "-"], input: bytes)
        {
            return .tmux
        }
        guard modes.understandsXterm, state == .active else { return .unavailable }
        terminal.write("\u{1B}]52;c;\(Base64.encode(bytes))\u{1B}\\")
        return .terminal
    }

    private static let tools = [
        ["wl-copy"], ["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"], ["pbcopy"],
    ]
}

enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let value = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for position in 0..<4 {
                let digit = alphabet[Int(value >> (18 - 6 * UInt32(position)) & 63)]
                output.append(position <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
