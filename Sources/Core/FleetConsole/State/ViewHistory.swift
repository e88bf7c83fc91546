/// Where the operator has been.
package struct ViewHistory: Hashable, Sendable {
    /// Enough of a view to return to it.
    struct View: Hashable, Sendable {
        var pane: Pane
        var selection: Selection
        /// A detail was open: the service page, the waterfall.
        var isInside: Bool
    }

    /// Where Esc goes back to; a digit empties it, because whoever presses one means to start there.
    private(set) var returnStack: [View] = []
    /// All views in order, and the place in them, for `[` and `]`.
    private var trail: [View] = []
    private var place = 0
    /// For `-`.
    private(set) var last: View?

    private static let limit = 50

    mutating func jump(from view: View) {
        returnStack.append(view)
        if returnStack.count > Self.limit { returnStack.removeFirst() }
        leave(view)
    }

    mutating func start(from view: View) {
        returnStack.removeAll()
        leave(view)
    }

    mutating func back() -> View? { returnStack.popLast() }

    /// Swaps with the last view.
    mutating func swap(with view: View) -> View? {
        defer { last = view }
        return last
    }

    mutating func earlier(than view: View) -> View? {
        guard place > 0 else { return nil }
        if place == trail.count { trail.append(view) }
        place -= 1
        return trail[place]
    }

    mutating func later() -> View? {
        guard place + 1 < trail.count else { return nil }
        place += 1
        return trail[place]
    }

    private mutating func leave(_ view: View) {
        last = view
        trail.removeSubrange(min(place, trail.count)...)
        trail.append(view)
        if trail.count > Self.limit { trail.removeFirst() }
        place = trail.count
    }
}
