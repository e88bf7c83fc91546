/// What `CSI … m` can ask for, folded to 256 colours.
package struct TextStyle: Hashable, Sendable {
    package struct Attributes: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let bold = Attributes(rawValue: 1)
        package static let dim = Attributes(rawValue: 2)
        package static let italic = Attributes(rawValue: 4)
        package static let underline = Attributes(rawValue: 8)
        package static let reverse = Attributes(rawValue: 16)
        package static let strike = Attributes(rawValue: 32)
    }

    /// 0…255; `nil` is the terminal's own colour.
    package var foreground: UInt8?
    package var background: UInt8?
    package var attributes: Attributes = []

    package init() {}

    /// - Parameter parameters: the digits, semicolons and colons of one sequence; at most 32 numbers are looked at.
    mutating func apply(_ parameters: Bytes) {
        var numbers: [Int] = []
        var value = 0
        for byte in parameters {
            if byte.isDigit {
                value = min(value * 10 + Int(byte - 48), 9999)
            } else {
                numbers.append(value)
                value = 0
                if numbers.count >= 32 { break }
            }
        }
        numbers.append(value)
        var index = 0
        while index < numbers.count { index += apply(numbers[index...]) }
    }

    /// - Returns: how many numbers were used, at least 1.
    private mutating func apply(_ numbers: ArraySlice<Int>) -> Int {
        guard let code = numbers.first else { return 1 }
        switch code {
        case 0: self = TextStyle()
        case 30...37: foreground = UInt8(code - 30)
        case 39: foreground = nil
        case 40...47: background = UInt8(code - 40)
        case 49: background = nil
        case 90...97: foreground = UInt8(code - 90 + 8)
        case 100...107: background = UInt8(code - 100 + 8)
        case 38, 48: return extended(numbers)
        default: applyAttribute(code)
        }
        return 1
    }

    private mutating func applyAttribute(_ code: Int) {
        switch code {
        case 1: attributes.insert(.bold)
        case 2: attributes.insert(.dim)
        case 3: attributes.insert(.italic)
        case 4: attributes.insert(.underline)
        case 7: attributes.insert(.reverse)
        case 9: attributes.insert(.strike)
        case 22: attributes.subtract([.bold, .dim])
        case 23: attributes.remove(.italic)
        case 24: attributes.remove(.underline)
        case 27: attributes.remove(.reverse)
        case 29: attributes.remove(.strike)
        default: break
        }
    }

    /// `38;5;n` and `38;2;r;g;b`; true colour goes to the nearest of the 6×6×6 cube.
    private mutating func extended(_ numbers: ArraySlice<Int>) -> Int {
        let list = Array(numbers.prefix(5))
        var colour: UInt8?
        var used = 2
        if list.count >= 3, list[1] == 5 {
            colour = UInt8(clamping: list[2])
            used = 3
        } else if list.count >= 5, list[1] == 2 {
            let levels = list[2...4].map { min(5, ($0 * 5 + 127) / 255) }
            colour = UInt8(clamping: 16 + 36 * levels[0] + 6 * levels[1] + levels[2])
            used = 5
        }
        if list[0] == 38 { foreground = colour ?? foreground } else { background = colour ?? background }
        return used
    }
}
