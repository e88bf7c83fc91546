import CellGrid

/// Which rows belong to what. Small screens give up the tabs first, then the hints.
struct ScreenLayout {
    let header: Rect
    let tabs: Rect
    let body: Rect
    /// A changed manifest waits; below the body, so that nothing above it moves when it comes.
    let banner: Rect
    let hints: Rect
    let status: Rect

    init(_ state: ConsoleState) {
        self.init(state.screen.size, isBare: state.screen.isBare, hasBanner: state.announcedReload != nil)
    }

    init(_ size: Size, isBare: Bool = false, hasBanner: Bool = false) {
        let rows = size.rows
        var rest = size.bounds
        (header, rest) = rest.split(top: rows >= 2 && !isBare ? 1 : 0)
        (tabs, rest) = rest.split(top: rows >= 14 && size.columns >= 50 && !isBare ? 1 : 0)
        (rest, status) = rest.split(bottom: rows >= 5 ? 1 : 0)
        (rest, hints) = rest.split(bottom: rows >= 8 && !isBare ? 1 : 0)
        (body, banner) = rest.split(bottom: hasBanner && rows >= 12 && !isBare ? 1 : 0)
    }
}
