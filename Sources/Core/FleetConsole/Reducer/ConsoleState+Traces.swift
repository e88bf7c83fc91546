import CellGrid
import FleetAPI
import FleetModel

extension ConsoleState {
    mutating func settleTraces(_ page: TracePage) {
        guard let first = Self.settled(page.traces) else { return }
        if panes.traces.isFollowing || selection.trace == nil {
            guard panes.traces.focus == .list else { return }
            select(trace: first.id)
        }
    }

    private mutating func select(trace id: String) {
        guard selection.trace != id else { return }
        selection.trace = id
        panes.traces.span = nil
        panes.traces.folded = []
        panes.traces.spanTop = 0
    }

    /// The cursor goes to the first trace that the new query finds; the trace from before need not be among them.
    mutating func setTraceQuery(_ text: String) {
        guard panes.traces.filter != text else { return }
        panes.traces.filter = text
        panes.traces.focus = .list
        panes.traces.listTop = 0
        selection.trace = nil
        panes.traces.span = nil
    }

    mutating func moveInTraces(by step: Int) {
        switch panes.traces.focus {
        case .list:
            guard let traces = data.traces?.traces, !traces.isEmpty else { return }
            let index = selectedTraceIndex ?? (step > 0 ? -1 : 0)
            if step != 0 { panes.traces.isFollowing = false }
            select(trace: traces[min(max(0, index + step), traces.count - 1)].id)
        case .waterfall:
            guard let rows = waterfall, let index = rows.selectedIndex else { return }
            let target = min(max(0, index + step), rows.visible.count - 1)
            panes.traces.span = rows.detail.spans[rows.visible[target]].id
        }
    }

    mutating func runTraces(_ action: Action) {
        switch action {
        case .openTrace:
            if panes.traces.focus == .waterfall {
                panes.traces.showsAttributes.toggle()
            } else if selection.trace != nil {
                panes.traces.focus = .waterfall
            }
        case .queryTraces: overlays.append(.prompt(PromptOverlay(.traceQuery, text: panes.traces.filter)))
        case .traceOrder: switchOrder()
        case .followTraces: toggleFollow()
        case .criticalPath: panes.traces.showsCriticalPath.toggle()
        case .attributes: panes.traces.showsAttributes.toggle()
        case .fold: foldSpan()
        case .unfold: if let span = waterfall?.selectedSpan { panes.traces.folded.remove(span.id) }
        case .foldAll: foldAll()
        case .unfoldAll: panes.traces.folded = []
        case .nextErrorSpan: goToErrorSpan(forward: true)
        case .previousErrorSpan: goToErrorSpan(forward: false)
        default: break
        }
    }

    /// The first of the new order is what it was asked for.
    private mutating func switchOrder() {
        panes.traces.isSlowestFirst.toggle()
        panes.traces.isFollowing = panes.traces.isFollowing && !panes.traces.isSlowestFirst
        panes.traces.focus = .list
        panes.traces.listTop = 0
        selection.trace = nil
        panes.traces.span = nil
    }

    private mutating func toggleFollow() {
        panes.traces.isFollowing.toggle()
        guard panes.traces.isFollowing else { return }
        panes.traces.focus = .list
        panes.traces.isSlowestFirst = false
        if let first = Self.settled(data.traces?.traces ?? []) { select(trace: first.id) }
    }

    /// The first that is whole: of one whose spans still come, the picture would change under the cursor.
    private static func settled(_ traces: [TraceSummary]) -> TraceSummary? {
        traces.first { !$0.isIncomplete } ?? traces.first
    }

    private mutating func foldSpan() {
        guard panes.traces.focus == .waterfall, let rows = waterfall, let span = rows.selectedSpan else { return }
        if span.childCount > 0, !panes.traces.folded.contains(span.id) {
            panes.traces.folded.insert(span.id)
        } else if let parent = rows.parent(of: span) {
            panes.traces.span = parent.id
        }
    }

    private mutating func foldAll() {
        guard let detail = waterfall?.detail else { return }
        panes.traces.folded = Set(detail.spans.filter { $0.childCount > 0 && $0.depth > 0 }.map(\.id))
    }

    private mutating func goToErrorSpan(forward: Bool) {
        guard let rows = waterfall else { return }
        let spans = rows.detail.spans
        let start = rows.selectedIndex.map { rows.visible[$0] } ?? 0
        let order = forward ? Array(spans.indices.dropFirst(start + 1)) : Array(spans.indices.prefix(start).reversed())
        guard let found = order.first(where: { spans[$0].status == .error }) else {
            message = Message(.note, "no \(forward ? "later" : "earlier") failed span")
            return
        }
        panes.traces.focus = .waterfall
        panes.traces.span = spans[found].id
        reveal(found, in: spans)
    }

    /// Unfolds what hides a span.
    private mutating func reveal(_ index: Int, in spans: [SpanRow]) {
        var depth = spans[index].depth
        for ancestor in spans[..<index].reversed() where ancestor.depth < depth {
            depth = ancestor.depth
            panes.traces.folded.remove(ancestor.id)
        }
    }

    mutating func settleTraceScroll() {
        let layout = TracesLayout(self)
        panes.traces.listTop = Scroll.top(
            panes.traces.listTop,
            selected: selectedTraceIndex ?? 0,
            rows: layout.list.rows,
            count: data.traces?.traces.count ?? 0
        )
        guard let rows = waterfall else { return }
        panes.traces.spanTop = Scroll.top(
            panes.traces.spanTop,
            selected: rows.selectedIndex ?? 0,
            rows: layout.waterfall.rows,
            count: rows.visible.count
        )
    }
}
