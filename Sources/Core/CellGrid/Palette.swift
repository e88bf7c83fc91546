/// The 256 colours of xterm: sixteen that the user may have changed, a 6×6×6 cube and a grey ramp.
package enum Palette {
    package struct RGB: Hashable, Sendable {
        package var red, green, blue: UInt8
        package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }
    }

    /// xterm's defaults for the first sixteen.
    private static let basic: [RGB] = [
        RGB(0, 0, 0), RGB(205, 0, 0), RGB(0, 205, 0), RGB(205, 205, 0), RGB(0, 0, 238), RGB(205, 0, 205),
        RGB(0, 205, 205), RGB(229, 229, 229), RGB(127, 127, 127), RGB(255, 0, 0), RGB(0, 255, 0), RGB(255, 255, 0),
        RGB(92, 92, 255), RGB(255, 0, 255), RGB(0, 255, 255), RGB(255, 255, 255),
    ]

    package static func rgb(_ index: UInt8) -> RGB {
        switch index {
        case 0..<16: return basic[Int(index)]
        case 16..<232:
            let cube = index - 16
            return RGB(step(cube / 36), step(cube / 6 % 6), step(cube % 6))
        default:
            let grey = 8 + (index - 232) * 10
            return RGB(grey, grey, grey)
        }
    }

    private static func step(_ level: UInt8) -> UInt8 { level == 0 ? 0 : 55 + level * 40 }

    /// The nearest of 256 to a true colour, from the cube and the ramp, which no user palette changes.
    package static func nearest(_ colour: RGB) -> UInt8 {
        nearest(colour, among: 16...255)
    }

    /// The nearest of the sixteen to a palette colour.
    package static func nearestBasic(_ index: UInt8) -> UInt8 {
        index < 16 ? index : nearest(rgb(index), among: 0...15)
    }

    private static func nearest(_ colour: RGB, among candidates: ClosedRange<UInt8>) -> UInt8 {
        var best = candidates.lowerBound
        var bestDistance = Int.max
        for candidate in candidates {
            let other = rgb(candidate)
            let red = Int(colour.red) - Int(other.red)
            let green = Int(colour.green) - Int(other.green)
            let blue = Int(colour.blue) - Int(other.blue)
            let distance = 3 * red * red + 6 * green * green + blue * blue
            if distance < bestDistance { (best, bestDistance) = (candidate, distance) }
        }
        return best
    }
}
