extension Evaluator {
    /// `info(v, {…})`, experimental in Prometheus: adds the data labels of info metrics (by default `target_info`)
    /// that share `instance` and `job` with a series.
    func info(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        let base = try vector(call.arguments[0])
        var matchers: [LabelMatcher] = []
        if call.arguments.count > 1, case .vector(let selector) = call.arguments[1] { matchers = selector.matchers }
        let dataMatchers = matchers.filter { $0.name != Labels.metricName }
        var infoMatchers = matchers.filter { $0.name == Labels.metricName }
        if infoMatchers.isEmpty,
            let target = try? LabelMatcher(name: Labels.metricName, operation: .equal, value: "target_info")
        {
            infoMatchers = [target]
        }
        let selector = VectorSelector(matchers: infoMatchers + dataMatchers, range: call.range)
        let infos = try instantVector(selector)
        let wanted = Set(dataMatchers.map(\.name))
        var builder = VectorBlockBuilder(steps: grid.count)
        for series in base.labels.indices {
            let labels = base.labels[series]
            let isInfo = infoMatchers.allSatisfy { $0.accepts(labels.name ?? "") }
            for step in 0..<grid.count where !Absent.isAbsent(base[series, step]) {
                var enriched = labels
                var isMatched = false
                for candidate in infos.labels.indices where !isInfo && !Absent.isAbsent(infos[candidate, step]) {
                    guard infos.labels[candidate]["instance"] == labels["instance"],
                        infos.labels[candidate]["job"] == labels["job"]
                    else { continue }
                    isMatched = true
                    for pair in infos.labels[candidate].pairs
                    where pair.name != Labels.metricName && labels[pair.name] == nil
                        && (wanted.isEmpty || wanted.contains(pair.name))
                    {
                        if let other = enriched[pair.name], other != pair.value {
                            throw PromQLError(.execution, "conflicting label: \(pair.name)")
                        }
                        enriched = enriched.setting(pair.name, pair.value)
                    }
                }
                // Matchers that refuse the empty value make the info metric a condition.
                if !isInfo, !isMatched, dataMatchers.contains(where: { !$0.accepts("") }) { continue }
                let row = builder.row(for: enriched, dropsName: base.dropsName[series])
                builder.set(row, step, base[series, step])
            }
        }
        return builder.block
    }
}
