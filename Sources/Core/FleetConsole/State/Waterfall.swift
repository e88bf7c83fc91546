import FleetAPI

/// The spans of a trace that are not folded away, and the one under the cursor.
struct Waterfall {
    let detail: TraceDetail
    /// Indices into `detail.spans`.
    let visible: [Int]
    /// Into `visible`.
    let selectedIndex: Int?

    init(_ detail: TraceDetail, folded: Set<String>, selected: String?) {
        self.detail = detail
        var visible: [Int] = []
        visible.reserveCapacity(detail.spans.count)
        // Spans are depth first, so whatever is deeper than a folded span and follows it is below it.
        var hiddenBelow: Int?
        for (index, span) in detail.spans.enumerated() {
            if let depth = hiddenBelow {
                if span.depth > depth { continue }
                hiddenBelow = nil
            }
            visible.append(index)
            if !folded.isEmpty, folded.contains(span.id) { hiddenBelow = span.depth }
        }
        self.visible = visible
        let found = selected.flatMap { id in visible.firstIndex { detail.spans[$0].id == id } }
        selectedIndex = visible.isEmpty ? nil : found ?? 0
    }

    var selectedSpan: SpanRow? { selectedIndex.map { detail.spans[visible[$0]] } }

    func parent(of span: SpanRow) -> SpanRow? {
        span.parentID.isEmpty ? nil : detail.spans.first { $0.id == span.parentID }
    }
}

extension ConsoleState {
    /// `nil` until the selected trace is loaded.
    var waterfall: Waterfall? {
        guard let detail = data.trace, let id = selection.trace, detail.summary.id.hasPrefix(id) else { return nil }
        return Waterfall(detail, folded: panes.traces.folded, selected: panes.traces.span)
    }

    var selectedSpan: SpanRow? { panes.traces.focus == .waterfall ? waterfall?.selectedSpan : nil }

    var selectedTraceIndex: Int? {
        guard let traces = data.traces?.traces, !traces.isEmpty else { return nil }
        return traces.firstIndex { $0.id == selection.trace }
    }

    var selectedTrace: TraceSummary? {
        if let index = selectedTraceIndex { return data.traces?.traces[index] }
        return data.trace.flatMap { $0.summary.id == selection.trace ? $0.summary : nil }
    }
}
