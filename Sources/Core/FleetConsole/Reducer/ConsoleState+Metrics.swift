import CellGrid
import FleetAPI
import FleetModel

extension ConsoleState {
    var metricNeeds: [DataRequest] {
        var needs = [DataRequest(.catalogue, .catalogue, .onScrape)]
        let (range, step) = metricRange
        let panels = metricsPanels
        for chart in MetricsLayout(self).charts {
            let query = MetricQuery(panels[chart.panel].expression, time: panes.metrics.end, range: range, step: step)
            needs.append(DataRequest(.panel(chart.panel), .metric(query), panes.metrics.end == nil ? .onScrape : .once))
        }
        return needs
    }

    mutating func runMetrics(_ action: Action, _ argument: String) {
        let panels = metricsPanels
        let index = panes.metrics.panel
        switch action {
        case .editExpression where panes.metrics.listPlace != nil: addListedMetric()
        case .editExpression:
            overlays.append(.prompt(PromptOverlay(.expression(panel: index), text: panels[index].expression)))
        case .newPanel:
            if argument.isEmpty {
                overlays.append(.prompt(PromptOverlay(.newPanel, text: "")))
            } else {
                addPanel(argument)
            }
        case .removePanel: removePanel(index, of: panels)
        case .chartCursor: toggleCursor()
        case .widerRange: panes.metrics.rangeIndex = min(panes.metrics.rangeIndex + 1, BuiltInPanels.ranges.count - 1)
        case .narrowerRange: panes.metrics.rangeIndex = max(0, panes.metrics.rangeIndex - 1)
        case .onlyService:
            if selection.service == nil {
                message = Message(.note, "no service is selected")
            } else {
                panes.metrics.onlyService.toggle()
            }
        case .logScale:
            if panes.metrics.logarithmic.remove(index) == nil { panes.metrics.logarithmic.insert(index) }
        case .chooseSeries: overlays.append(.chooser(ChooserOverlay(purpose: .series(panel: index))))
        case .zoom: panes.metrics.isZoomed.toggle()
        default: break
        }
    }

    mutating func addPanel(_ expression: String) {
        if pane != .metrics { show(.metrics) }
        panes.metrics.added.append(PanelSpec(title: expression, expression: expression))
        panes.metrics.panel = metricsPanels.count - 1
    }

    private mutating func removePanel(_ index: Int, of panels: [MetricsPanel]) {
        let firstAdded = panels.count - panes.metrics.added.count
        if panes.metrics.edits.removeValue(forKey: index) != nil {
            message = Message(.note, "the panel has its own expression again")
        } else if index >= firstAdded {
            overlays.append(
                .confirm(
                    ConfirmOverlay(
                        consent: .removePanel(index),
                        title: "remove the panel ?",
                        lines: [panels[index].title],
                        verb: "Remove"
                    )
                )
            )
        } else {
            message = Message(.note, "this panel belongs to the console or to the manifest")
        }
    }

    mutating func removeAddedPanel(_ index: Int) {
        let place = index - (metricsPanels.count - panes.metrics.added.count)
        guard panes.metrics.added.indices.contains(place) else { return }
        panes.metrics.added.remove(at: place)
        // Later panels move up by one, and what was chosen for this one is nobody's.
        panes.metrics.hiddenSeries = [:]
        panes.metrics.logarithmic = panes.metrics.logarithmic.filter { $0 < index }
    }

    /// The lines of a chart before any is switched off.
    func seriesNames(of panel: Int) -> [String] {
        data.metric(panel).map { ChartSeries.lines(of: $0, self).map(\.name).sorted() } ?? []
    }

    /// What the list beside the charts shows, in its order.
    var listedMetrics: [MetricCatalogue.Metric] { (data.catalogue?.metrics ?? []).sorted { $0.name < $1.name } }

    /// Tab goes to the list where there is one, else through the panels.
    mutating func switchMetricsPart(by step: Int) {
        guard !MetricsLayout(self).side.isEmpty, !listedMetrics.isEmpty else { return panes.metrics.panel += step }
        panes.metrics.listPlace = panes.metrics.listPlace == nil ? 0 : nil
    }

    mutating func moveInMetrics(by step: Int) {
        guard let place = panes.metrics.listPlace else { return panes.metrics.panel += step }
        panes.metrics.listPlace = min(max(0, place + step), max(0, listedMetrics.count - 1))
    }

    /// A counter alone only ever grows; its rate is what one wants to see.
    private mutating func addListedMetric() {
        let metrics = listedMetrics
        guard let place = panes.metrics.listPlace, metrics.indices.contains(place) else { return }
        panes.metrics.listPlace = nil
        let metric = metrics[place]
        addPanel(metric.type == "counter" ? "rate(\(metric.name)[1m])" : metric.name)
    }

    private mutating func toggleCursor() {
        panes.metrics.isCursorOn.toggle()
        selection.time = panes.metrics.isCursorOn ? chartEnd : nil
    }

    /// The right edge of the charts.
    var chartEnd: Timestamp {
        if let end = panes.metrics.end { return end }
        let loaded = MetricsLayout(self).charts.compactMap { data[.panel($0.panel)]?.loadedAt }.max() ?? now
        let step = metricRange.step.wholeNanoseconds
        return Timestamp(nanoseconds: loaded.nanoseconds / max(1, step) * step)
    }

    /// With the cursor on: one step of the chart; otherwise a fifth of the range.
    mutating func panMetrics(by step: Int) {
        let (range, interval) = metricRange
        if panes.metrics.isCursorOn, let time = selection.time {
            let end = chartEnd
            let moved = time + interval * (step * 2)
            selection.time = min(max(moved, end - ChartWindow(self).span), end)
            return
        }
        let end = chartEnd + (range / 5) * step
        // Reaching the present makes the charts live again.
        panes.metrics.end = end + interval >= now ? nil : end
    }

    mutating func settleMetrics() {
        let count = metricsPanels.count
        panes.metrics.panel = count == 0 ? 0 : min(max(0, panes.metrics.panel), count - 1)
        panes.metrics.top = MetricsLayout(self).top
        // A narrow screen has no list to stand in.
        if MetricsLayout(self).side.isEmpty { panes.metrics.listPlace = nil }
    }
}

extension Timestamp {
    static func - (time: Self, duration: Duration) -> Timestamp {
        Timestamp(nanoseconds: time.nanoseconds &- duration.wholeNanoseconds)
    }
}
