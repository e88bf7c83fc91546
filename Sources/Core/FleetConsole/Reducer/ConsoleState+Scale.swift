import FleetAPI
import FleetModel

extension ConsoleState {
    /// `orders=3 users=2`, or a bare number for the service under the cursor; without an argument a prompt asks.
    mutating func scale(_ argument: String) -> [ConsoleEffect] {
        guard !argument.isEmpty else {
            let name = focusedService.flatMap { snapshot?[$0] }?.name
            let text = name.map { "\($0)=\(instances(of: $0).count)" } ?? ""
            overlays.append(.prompt(PromptOverlay(.scale, text: text)))
            return []
        }
        var requests: [ScaleRequest] = []
        for word in argument.split(separator: " ") {
            switch scaleRequest(String(word)) {
            case .success(let request): requests.append(request)
            case .failure(let complaint):
                message = Message(.failure, complaint.text)
                return []
            }
        }
        let operations = requests.map { EngineOperation.scale($0) }
        let leaving = requests.flatMap { leavers($0) }
        guard !leaving.isEmpty else { return operate(operations) }
        overlays.append(
            .confirm(
                ConfirmOverlay(
                    consent: .operate(operations),
                    title: requests.map { "scale \($0.service) to \($0.replicas)" }.joined(separator: ", ") + " ?",
                    lines: [
                        "These stop:  " + leaving.map(named).joined(separator: "  "),
                        "The manifest stays as it is; ~ marks the difference.",
                    ],
                    verb: "Scale"
                )
            )
        )
        return []
    }

    private struct Complaint: Error { var text: String }

    private func scaleRequest(_ word: String) -> Result<ScaleRequest, Complaint> {
        var parts = word.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1, Int(word) != nil, let service = focusedService { parts = [service.rawValue, word] }
        guard parts.count == 2, !parts[0].isEmpty else {
            return .failure(Complaint(text: "scale takes SERVICE=NUMBER, for example orders=3"))
        }
        guard let count = Int(parts[1]), (0...ScaleRequest.limit).contains(count) else {
            return .failure(Complaint(text: "\(parts[1]) replicas: a number from 0 to \(ScaleRequest.limit) is meant"))
        }
        guard let service = services(named: parts[0]).first.flatMap({ snapshot?[$0] }) else {
            return .failure(Complaint(text: "no service is called \(parts[0])"))
        }
        return .success(ScaleRequest(service: service.name.rawValue, replicas: count))
    }

    /// Instances that run and have to go: the highest first, as the engine does.
    private func leavers(_ request: ScaleRequest) -> [ServiceSnapshot] {
        let all = instances(of: ServiceName(request.service))
        return all.dropFirst(request.replicas).filter(\.state.isAlive)
    }
}
