extension CommandTable {
    /// Everything else that is done to services, their processes and the manifest they come from.
    static let supervision: [ConsoleCommand] = [
        .init(
            .showEnvironment,
            "env",
            "e",
            "environment of the service, with the layer of each variable",
            in: .pane(.fleet),
            hint: "environment",
            also: ["environment"],
            takes: .services
        ),
        .init(
            .showHistory,
            "history",
            "H",
            "the last lives of the service",
            in: .pane(.fleet),
            hint: "history",
            also: ["lives"],
            takes: .services
        ),
        .init(.revealSecrets, "reveal", "V", "show or hide secret values", in: .pane(.fleet), danger: .asks),
        .init(
            .scale,
            "scale",
            "S",
            "change the number of replicas",
            in: .pane(.fleet),
            hint: "scale",
            takes: .counts,
            danger: .asks
        ),
        .init(
            .portMenu,
            "port",
            "p",
            "what to do about a taken port",
            in: .pane(.fleet),
            hint: "port",
            takes: .services
        ),
        .init(
            .endPortOwner,
            "port-kill",
            "",
            "end whoever has the service's port",
            in: .pane(.fleet),
            takes: .services,
            danger: .asks
        ),
        .init(.movePort, "port-next", "", "give the service the next free port", in: .pane(.fleet), takes: .services),
        .init(.retryPort, "port-retry", "", "try the taken port again now", in: .pane(.fleet), takes: .services),
        .init(
            .connect,
            "connect",
            "",
            "the whole terminal for a service with tty: true; Ctrl-] comes back",
            in: .pane(.fleet),
            takes: .services
        ),
        .init(
            .resumeWatch,
            "watch-resume",
            "W",
            "let a suspended file watch react again",
            in: .pane(.fleet),
            takes: .services
        ),
        .init(.reload, "reload", "L F5", "show what the changed manifest would do, and apply it", in: .global),
    ]
}
