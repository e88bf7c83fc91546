extension CommandTable {
    static let logs: [ConsoleCommand] = [
        .init(.follow, "follow", "f F", "follow the newest line", in: .pane(.logs), hint: "follow"),
        .init(.find, "find", "/", "find in the lines", in: .pane(.logs), hint: "find", takes: .text),
        .init(.findNext, "find-next", "n", "next hit", in: .pane(.logs)),
        .init(.findPrevious, "find-previous", "N", "previous hit", in: .pane(.logs)),
        .init(
            .filterLogs,
            "filter",
            "&",
            "show only matching lines; !word leaves out",
            in: .pane(.logs),
            hint: "filter",
            takes: .text
        ),
        .init(.minimumSeverity, "level", "s", "lowest severity shown", in: .pane(.logs), hint: "level"),
        .init(.sources, "sources", "S", "choose the services", in: .pane(.logs), hint: "sources"),
        .init(.nextError, "next-error", "e", "next error", in: .pane(.logs), hint: "next error"),
        .init(.previousError, "previous-error", "E", "previous error", in: .pane(.logs)),
        .init(.wrap, "wrap", "w", "wrap long lines", in: .pane(.logs), hint: "wrap"),
        .init(.lineTrace, "line-trace", "t", "open the trace of the line", in: .pane(.logs), hint: "trace"),
        .init(.pretty, "pretty", "p", "fields of this line below each other", in: .pane(.logs), hint: "pretty"),
        .init(.prettyAll, "pretty-all", "P", "fields of all lines below each other", in: .pane(.logs)),
        .init(.times, "times", "T", "seconds, milliseconds or no times", in: .pane(.logs), hint: "time"),
        .init(.lineDetail, "line", "d Enter", "everything about the line", in: .pane(.logs), hint: "detail"),
        .init(.visualSelect, "select", "v", "select lines; y copies them", in: .pane(.logs), hint: "select"),
        .init(.markLine, "mark-line", "m", "mark the line, or take the mark away", in: .pane(.logs), hint: "mark"),
        .init(.nextMark, "next-mark", "u", "next marked line", in: .pane(.logs)),
        .init(.previousMark, "previous-mark", "U", "previous marked line", in: .pane(.logs)),
        .init(.histogram, "histogram", "i", "lines over time, errors apart", in: .pane(.logs), hint: "histogram"),
        .init(
            .compareLives,
            "compare",
            "C",
            "what the service says that it did not say before its restart",
            in: .pane(.logs),
            hint: "compare restart",
            takes: .services
        ),
        .init(.nextRelated, "next-related", "}", "next line of the same trace", in: .pane(.logs)),
        .init(.previousRelated, "previous-related", "{", "previous line of the same trace", in: .pane(.logs)),
        .init(
            .clearFilters,
            "clear",
            "c",
            "all lines again: no filter, find, level or source",
            in: .pane(.logs),
            hint: "clear"
        ),
    ]
}
