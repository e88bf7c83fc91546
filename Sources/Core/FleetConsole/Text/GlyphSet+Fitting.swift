import CellGrid

extension GlyphSet {
    /// Exactly `width` columns of text, cut with this set's ellipsis.
    func fit(_ text: some StringProtocol, to width: Int, alignment: Alignment = .left) -> String {
        TextWidth.padded(text, to: width, alignment: alignment, ellipsis: ellipsis)
    }
}
