package import FleetAPI
package import FleetModel

/// Something drawn over the pane that takes the keys.
package enum Overlay: Hashable, Sendable {
    case help(HelpOverlay)
    case palette(PaletteOverlay)
    /// The next keys after a prefix, or a menu of actions.
    case menu(MenuOverlay)
    case chooser(ChooserOverlay)
    case confirm(ConfirmOverlay)
    case prompt(PromptOverlay)
    case reload(ReloadOverlay)
    case comparison(ComparisonOverlay)
    case quit
}

package struct HelpOverlay: Hashable, Sendable {
    package var filter = LineEditor()
    package var top = 0
}

package struct PaletteOverlay: Hashable, Sendable {
    package var editor: LineEditor
    package var selected = 0
    /// The operator moved to the item, it was not only offered first.
    package var isChosen = false

    package init(_ text: String = "") { editor = LineEditor(text) }
}

package struct MenuOverlay: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case go, act
        /// What to do about a port that somebody else has.
        case port
    }

    package var kind: Kind
    /// Whom the menu was opened for, where rows that move below it must not change that.
    package var service: ServiceID?

    package init(kind: Kind, service: ServiceID? = nil) {
        self.kind = kind
        self.service = service
    }
}

/// The lines of a service's present life against those of the lives before.
package struct ComparisonOverlay: Hashable, Sendable {
    package var service: ServiceID
    package var top = 0
}

/// The plan of a changed manifest.
package struct ReloadOverlay: Hashable, Sendable {
    package enum Button: Hashable, Sendable, CaseIterable { case later, ignore, apply }

    package var focus = Button.later
    package var top = 0
}

/// A list to pick from; several entries may be on when `isMultiple`.
package struct ChooserOverlay: Hashable, Sendable {
    package enum Purpose: Hashable, Sendable {
        case sort, sources, columns
        /// Of the panel at this place.
        case series(panel: Int)
    }

    package var purpose: Purpose
    package var selected = 0
}

/// Asks before something that cannot be undone.
package struct ConfirmOverlay: Hashable, Sendable {
    /// What happens after a yes.
    package enum Consent: Hashable, Sendable {
        case perform(ServiceCommand)
        case operate([EngineOperation])
        case revealSecrets(ServiceID)
        /// At this place.
        case removePanel(Int)
    }

    package var consent: Consent
    package var title: String
    package var lines: [String]
    /// What `y` does, as the button says it.
    package var verb: String
    /// Typed before it may happen; `nil` = `y` is enough.
    package var word: String?
    package var editor = LineEditor()
    /// The second button has the focus; Cancel has it at first.
    package var isAccepting = false
}

package struct PromptOverlay: Hashable, Sendable {
    package enum Purpose: Hashable, Sendable {
        case fleetFilter
        case logFind
        case logFilter
        case traceQuery
        case mapFind
        case expression(panel: Int)
        case newPanel
        case scale
        case environmentFilter

        /// Shown before the text.
        package var label: String {
            switch self {
            case .fleetFilter: "filter"
            case .environmentFilter: "variables"
            case .scale: "scale"
            case .logFind, .mapFind: "find"
            case .logFilter: "filter lines"
            case .traceQuery: "traces where"
            case .expression: "expr"
            case .newPanel: "new panel"
            }
        }

        /// Prompts of one family share a history.
        var family: String {
            switch self {
            case .expression, .newPanel: "expr"
            default: label
            }
        }
    }

    package var purpose: Purpose
    package var editor: LineEditor
    /// What Esc puts back.
    package var original: String
    /// Place in the history, counted from the newest; `nil` = the text being typed.
    package var recalled: Int?

    package init(_ purpose: Purpose, text: String) {
        self.purpose = purpose
        editor = LineEditor(text)
        original = text
    }
}

/// What was entered in prompts, newest last.
package struct PromptHistory: Hashable, Sendable {
    private var entries: [String: [String]] = [:]
    private static let limit = 100

    mutating func remember(_ text: String, family: String) {
        guard !text.isEmpty else { return }
        var list = entries[family, default: []]
        list.removeAll { $0 == text }
        list.append(text)
        if list.count > Self.limit { list.removeFirst() }
        entries[family] = list
    }

    /// `back` 0 is the newest.
    func entry(_ back: Int, family: String) -> String? {
        let list = entries[family, default: []]
        return back >= 0 && back < list.count ? list[list.count - 1 - back] : nil
    }
}
