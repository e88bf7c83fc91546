internal import CPlatform
internal import FleetModel
internal import Glibc

/// The descriptors between a child that is about to be started and its host.
struct ChildWiring {
    /// A step that failed, as an errno.
    struct Trouble: Error { var number: Int32 }

    private(set) var childInput: OwnedDescriptor?
    private(set) var childOutput: OwnedDescriptor
    private(set) var childErrors: OwnedDescriptor
    /// What the host reads; given to a drain thread with `takeOutputs`.
    private var readers: [(descriptor: OwnedDescriptor, stream: LogStream)]
    private let screen: TerminalScreen?
    private(set) var wires = LifeWires()

    // MARK: Kinds

    /// Output and errors apart; input only when it is asked for.
    static func pipes(isLarge: Bool, hasInput: Bool) throws(Trouble) -> ChildWiring {
        let output = try pipe(isLarge ? LifeWires.outputCapacity : 0)
        let errors = try pipe(isLarge ? LifeWires.errorCapacity : 0)
        var wiring = ChildWiring(
            childOutput: output.writer,
            childErrors: errors.writer,
            readers: [(output.reader, .stdout), (errors.reader, .stderr)],
            screen: nil
        )
        wiring.wires.extraCapacity = isLarge ? LifeWires.capacity : 0
        guard hasInput else { return wiring }
        let input = try pipe(0)
        // The other way round than output: the service waits when it reads, we never do when we write.
        setBlocking(input.reader, true)
        setBlocking(input.writer, false)
        wiring.childInput = input.reader
        wiring.wires.input = LifeInput(input.writer)
        return wiring
    }

    /// One terminal for all three.
    static func terminal(_ screen: TerminalScreen) throws(Trouble) -> ChildWiring {
        var ends: [Int32] = [-1, -1]
        let size = screen.size
        try check(fleet_open_terminal(&ends, Int32(clamping: size.columns), Int32(clamping: size.rows)))
        let master = OwnedDescriptor(ends[0])
        let slave = OwnedDescriptor(ends[1])
        var wiring = ChildWiring(
            childOutput: slave,
            childErrors: slave,
            readers: [(try duplicate(master), .stdout)],
            screen: screen
        )
        wiring.childInput = slave
        wiring.wires.input = LifeInput(master)
        wiring.wires.slave = slave
        wiring.wires.hasTerminal = true
        return wiring
    }

    /// As pipes, but through FIFOs whose both ends the child has.
    static func fifos(_ folder: KeptFolder, tag: String, isLarge: Bool, hasInput: Bool) throws(Trouble) -> ChildWiring {
        func open(_ stream: KeptFolder.Stream, _ flags: Int32, _ capacity: Int32 = 0) throws(Trouble) -> OwnedDescriptor
        {
            let descriptor = folder.open(stream, of: tag, flags: flags, capacity: isLarge ? capacity : 0)
            try check(descriptor)
            return OwnedDescriptor(descriptor)
        }
        folder.remove(tag)
        let output = try open(.output, O_RDONLY | O_NONBLOCK, LifeWires.outputCapacity)
        let errors = try open(.errors, O_RDONLY | O_NONBLOCK, LifeWires.errorCapacity)
        var wiring = ChildWiring(
            childOutput: try open(.output, O_RDWR),
            childErrors: try open(.errors, O_RDWR),
            readers: [(output, .stdout), (errors, .stderr)],
            screen: nil
        )
        wiring.wires.isKept = true
        wiring.wires.extraCapacity = isLarge ? LifeWires.capacity : 0
        guard hasInput else { return wiring }
        wiring.childInput = try open(.input, O_RDWR)
        wiring.wires.input = LifeInput(try open(.input, O_WRONLY | O_NONBLOCK))
        return wiring
    }

    /// The host's ends alone, of a life that an earlier engine started.
    static func reopened(_ folder: KeptFolder, tag: String, hasInput: Bool) -> (outputs: [LifeOutput], wires: LifeWires)
    {
        var wires = LifeWires()
        wires.isKept = true
        let outputs = [(KeptFolder.Stream.output, LogStream.stdout), (.errors, .stderr)].compactMap { stream, log in
            let descriptor = folder.open(stream, of: tag, flags: O_RDONLY | O_NONBLOCK, capacity: 0)
            return descriptor < 0 ? nil : LifeOutput(descriptor: descriptor, stream: log)
        }
        if hasInput {
            let descriptor = folder.open(.input, of: tag, flags: O_WRONLY | O_NONBLOCK, capacity: 0)
            if descriptor >= 0 { wires.input = LifeInput(OwnedDescriptor(descriptor)) }
        }
        return (outputs, wires)
    }

    // MARK: Use

    /// What a drain thread takes over and closes.
    func takeOutputs() throws(Trouble) -> [LifeOutput] {
        var outputs: [LifeOutput] = []
        for reader in readers {
            let copy = fcntl(reader.descriptor.rawValue, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else {
                let number = errno
                for output in outputs { close(output.descriptor) }
                throw Trouble(number: number)
            }
            outputs.append(LifeOutput(descriptor: copy, stream: reader.stream, tap: screen))
        }
        return outputs
    }

    private init(
        childOutput: OwnedDescriptor,
        childErrors: OwnedDescriptor,
        readers: [(descriptor: OwnedDescriptor, stream: LogStream)],
        screen: TerminalScreen?
    ) {
        self.childOutput = childOutput
        self.childErrors = childErrors
        self.readers = readers
        self.screen = screen
    }

    private static func check(_ result: Int32) throws(Trouble) {
        if result < 0 { throw Trouble(number: -result) }
    }

    private static func pipe(
        _ capacity: Int32
    ) throws(Trouble) -> (reader: OwnedDescriptor, writer: OwnedDescriptor) {
        var ends: [Int32] = [-1, -1]
        try check(fleet_pipe(&ends, capacity))
        return (OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1]))
    }

    private static func duplicate(_ descriptor: OwnedDescriptor) throws(Trouble) -> OwnedDescriptor {
        let copy = fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw Trouble(number: errno) }
        return OwnedDescriptor(copy)
    }

    private static func setBlocking(_ descriptor: OwnedDescriptor, _ blocks: Bool) {
        _ = fcntl(descriptor.rawValue, F_SETFL, blocks ? 0 : O_NONBLOCK)
    }
}
