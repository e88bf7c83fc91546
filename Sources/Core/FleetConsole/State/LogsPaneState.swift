package import FleetModel

package struct LogsPaneState: Hashable, Sendable {
    /// The place in the log that pages are loaded around.
    package enum Anchor: Hashable, Sendable {
        case tail
        case line(Int)
    }

    package enum TimeStyle: Hashable, Sendable, CaseIterable { case seconds, milliseconds, none }

    /// A search for one line beyond what is loaded.
    package struct Seek: Hashable, Sendable {
        package var filter: String
        package var from: Int
        package var isForward: Bool
        /// For the message when nothing is found: "error", "line of this trace".
        package var what: String
    }

    package var anchor = Anchor.tail
    /// Id of the line under the cursor; `nil` = the newest.
    package var selected: Int?
    /// Id of the first line on the screen while not following.
    package var top: Int?
    package var filter = ""
    package var find = ""
    package var minimum = LogSeverity.unspecified
    /// Sources that are switched off.
    package var hidden: Set<ServiceID> = []
    /// Only the selected service.
    package var onlyService = false
    package var seek: Seek?
    /// Go to a hit as soon as the lines for what is looked for are there.
    package var awaitsHit = false
    /// Matching lines when following stopped, for "+412 new".
    package var countAtPause = 0
    package var look = Look()
    package var picked = Picked()
    /// The loaded lines; kept while other ones are on their way, so that the pane never flashes.
    package internal(set) var window = LogWindow()

    /// Lines that the operator points out, by id.
    package struct Picked: Hashable, Sendable {
        package var marks: Set<Int> = []
        /// Where a selection of lines began; it ends at the cursor.
        package var start: Int?

        /// Older marks than these are of lines long gone.
        static let limit = 1000
    }

    package struct Look: Hashable, Sendable {
        package var wraps = false
        package var time = TimeStyle.seconds
        package var expanded: Set<Int> = []
        package var expandsAll = false
        /// `nil` = shown when there is room beside the list.
        package var showsDetail: Bool?
        /// Columns cut off the left of messages.
        package var shift = 0
        package var showsHistogram = false
    }

    package var isFollowing: Bool { anchor == .tail }
}
