/// Text as a person should see it: escape sequences taken out, other control bytes made visible.
package enum ANSIText {
    /// The clean bytes: what filters, search, decoding and copying work on.
    package static func clean(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var output: [UInt8] = []
        clean(bytes, into: &output)
        return output
    }

    package static func clean(_ text: String) -> String {
        var copy = text
        return copy.withUTF8 { utf8 in
            let bytes = Bytes(utf8)
            return bytes.needsCleaning ? String(decoding: clean(bytes), as: UTF8.self) : nil
        } ?? text
    }

    /// - Returns: whether the text asked for the screen to be cleared.
    @discardableResult
    static func clean(_ bytes: Bytes, into output: inout [UInt8]) -> Bool {
        output.removeAll(keepingCapacity: true)
        var scanner = ANSIScanner(bytes)
        var clears = false
        while let piece = scanner.next() {
            switch piece {
            case .text(let range): output.append(contentsOf: bytes.slice(range))
            case .control(let byte): append(control: byte, to: &output)
            case .backspace: removeLast(from: &output)
            case .clearedScreen: clears = true
            case .style, .dropped: break
            }
        }
        return clears
    }

    /// The clean text with the colours that the service chose.
    package static func styled(_ bytes: UnsafeRawBufferPointer) -> StyledText {
        var output: [UInt8] = []
        var runs: [StyledText.Run] = []
        var style = TextStyle()
        var scanner = ANSIScanner(bytes)
        while let piece = scanner.next() {
            let start = output.count
            switch piece {
            case .text(let range): output.append(contentsOf: bytes.slice(range))
            case .control(let byte): append(control: byte, to: &output)
            case .backspace:
                removeLast(from: &output)
                if let last = runs.last, last.range.upperBound > output.count {
                    runs[runs.count - 1].range = min(last.range.lowerBound, output.count)..<output.count
                }
            case .style(let parameters): style.apply(bytes.slice(parameters))
            case .clearedScreen, .dropped: break
            }
            guard output.count > start, style != TextStyle() else { continue }
            if let last = runs.last, last.style == style, last.range.upperBound == start {
                runs[runs.count - 1].range = last.range.lowerBound..<output.count
            } else {
                runs.append(StyledText.Run(range: start..<output.count, style: style))
            }
        }
        return StyledText(utf8: output, runs: runs.filter { !$0.range.isEmpty })
    }

    private static func append(control byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "^"))
        output.append(byte ^ 0x40)
    }

    /// One character, that is a UTF-8 sequence.
    private static func removeLast(from output: inout [UInt8]) {
        while let last = output.popLast() {
            if last & 0xC0 != 0x80 { return }
        }
    }
}

package struct StyledText: Equatable, Sendable {
    package struct Run: Equatable, Sendable {
        /// Offsets into `utf8`.
        package var range: Range<Int>
        package var style: TextStyle
    }

    package var utf8: [UInt8]
    /// Without overlap, ascending; what no run covers is plain.
    package var runs: [Run]

    package var text: String { String(decoding: utf8, as: UTF8.self) }
}
