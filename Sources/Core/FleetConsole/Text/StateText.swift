import CellGrid
import FleetModel

/// How a service's state looks: always a glyph and a word, never colour alone.
struct StateText {
    let glyph: String
    let word: String
    let style: Style

    init(_ state: ServiceState, glyphs: GlyphSet) {
        let mark: GlyphSet.Mark
        switch state {
        case .ready, .running: (mark, style) = (.ready, .ok)
        case .starting, .stopping: (mark, style) = (.starting, .busy)
        case .waiting: (mark, style) = (.starting, .idle)
        case .unhealthy, .blocked, .skipped: (mark, style) = (.degraded, .warn)
        case .backoff: (mark, style) = (.restarting, .warn)
        case .failed: (mark, style) = (.failed, .fail)
        case .idle, .disabled, .exited: (mark, style) = (.stopped, .idle)
        }
        glyph = glyphs.mark(mark)
        word = state == .idle ? "stopped" : state.rawValue
    }

    /// One word for one thing, wherever it stands: a back-off after failures in a row is a crash loop.
    init(_ service: ServiceSnapshot, glyphs: GlyphSet) {
        let look = StateText(service.state, glyphs: glyphs)
        let isLoop = service.isCrashLooping && service.state == .backoff
        glyph = look.glyph
        word = isLoop ? "crash-loop" : look.word
        style = isLoop ? .fail : look.style
    }

    /// 0 is what needs the operator most.
    static func urgency(of state: ServiceState) -> Int {
        switch state {
        case .failed: 0
        case .backoff: 1
        case .unhealthy: 2
        case .blocked: 3
        case .skipped: 4
        case .starting, .stopping: 5
        case .waiting: 6
        case .running, .ready: 7
        case .exited: 8
        case .idle: 9
        case .disabled: 10
        }
    }
}

extension ServiceSnapshot {
    /// It ran, and the operator stopped it. What never ran was not meant to.
    var isStoppedByHand: Bool {
        state == .idle && wanted == .down && nextRunAt == nil && (lastTermination != nil || incarnation != .none)
    }
}

extension LogSeverity {
    /// The letter says the severity; the role only repeats it.
    var style: Style {
        switch self {
        case .fatal, .error: .fail.bold()
        case .warning: .warn
        case .info, .unspecified: .plain
        case .debug, .trace: .dim
        }
    }
}

extension FleetEvent {
    func mark(_ glyphs: GlyphSet) -> (text: String, style: Style) {
        switch kind {
        case .ready: (glyphs.mark(.ready), .ok)
        case .spawned: (glyphs.mark(.starting), .busy)
        case .waiting, .stopping: (glyphs.mark(.starting), .idle)
        case .unhealthy, .blocked, .skipped: (glyphs.mark(.degraded), .warn)
        case .exited: severity == .info ? (glyphs.mark(.stopped), .idle) : (glyphs.mark(.failed), .fail)
        case .failed: (glyphs.mark(.failed), .fail)
        case .restarting: (glyphs.mark(.restarting), .warn)
        case .stopped: (glyphs.mark(.stopped), .idle)
        case .operatorCommand: (glyphs.arrowRight, .accent)
        case .fleet, .telemetry: severity == .info ? ("i", .accent) : (glyphs.mark(.degraded), .warn)
        }
    }
}
