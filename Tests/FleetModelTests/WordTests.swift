import FleetModel
import Testing

@Test(arguments: [("SIGTERM", 15), ("term", 15), ("KILL", 9), ("9", 9), ("sigusr1", 10), ("64", 64)])
func `a signal is known by every usual spelling`(text: String, number: Int32) {
    #expect(SignalName.number(of: text) == number)
}

@Test(arguments: ["", "SIG", "TERMINATE", "0", "65", "-9", "SIGSIGTERM"])
func `what is no signal is none`(text: String) {
    #expect(SignalName.number(of: text) == nil)
}

@Test func `an end reads as the shell would report it`() {
    #expect(Termination.exited(code: 3).shellStatus == 3)
    #expect(Termination.signalled(9, coreDumped: false).shellStatus == 137)
    #expect("\(Termination.signalled(9, coreDumped: false))" == "exit 137 (SIGKILL)")
    #expect("\(Termination.signalled(11, coreDumped: true))" == "exit 139 (SIGSEGV, core dumped)")
    #expect("\(Termination.signalled(42, coreDumped: false))" == "exit 170 (signal 42)")
    #expect("\(Termination.notStarted("no such file: ./x"))" == "no such file: ./x")
}

@Test func `identifiers read what they write and nothing else`() {
    let text = "4bf92f3577b34da6a3ce929d0e0e4736"
    #expect(TraceID(hex: text)?.hex == text)
    #expect(TraceID(hex: text.uppercased())?.hex == text)
    #expect(TraceID(hex: text.dropLast()) == nil)
    #expect(TraceID(hex: String(text.dropLast()) + "g") == nil)
    #expect(TraceID(hex: String(repeating: "0", count: 32))?.isValid == false)
    #expect(SpanID(hex: "00f067aa0ba902b7")?.hex == "00f067aa0ba902b7")
    #expect(SpanID(hex: "00f067aa0ba902b") == nil)
    #expect(SpanID.none.isValid == false)
}

@Test func `replicas are numbered only when there are several`() {
    #expect(ServiceID(ServiceName("users"), replica: 1, of: 1).rawValue == "users")
    #expect(ServiceID(ServiceName("users"), replica: 2, of: 3).rawValue == "users-2")
    var spec = ServiceSpec(name: ServiceName("users"), command: .exec(["true"]), workingDirectory: "/")
    spec.replicas = 0
    #expect(spec.instances.isEmpty)
    spec.replicas = 2
    #expect(spec.instances.map(\.rawValue) == ["users-1", "users-2"])
}
