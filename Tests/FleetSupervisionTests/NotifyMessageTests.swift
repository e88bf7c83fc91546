import Testing

@testable import FleetSupervision

struct NotifyMessageTests {
    private func message(_ change: (inout NotifyMessage) -> Void) -> NotifyMessage {
        var message = NotifyMessage()
        change(&message)
        return message
    }

    @Test func `assignments are read line by line, and the last of one name wins`() {
        #expect(NotifyMessage(parsing: "READY=1") == message { $0.isReady = true })
        #expect(
            NotifyMessage(parsing: "STOPPING=1\nSTATUS=bye\n")
                == message {
                    $0.isStopping = true; $0.status = "bye"
                }
        )
        #expect(NotifyMessage(parsing: "RELOADING=1\nMONOTONIC_USEC=8") == message { $0.isReloading = true })
        #expect(NotifyMessage(parsing: "STATUS=a\nSTATUS=b=c") == message { $0.status = "b=c" })
        #expect(NotifyMessage(parsing: "READY=1\nREADY=0") == NotifyMessage())
        #expect(NotifyMessage(parsing: "WATCHDOG=1") == message { $0.isAlive = true })
        #expect(NotifyMessage(parsing: "WATCHDOG=trigger") == message { $0.isTriggered = true })
        #expect(NotifyMessage(parsing: "EXTEND_TIMEOUT_USEC=2500000").timeoutExtension == .seconds(2.5))
    }

    @Test(arguments: [
        "", "\n\n", "READY", "=1", "ready=1", " READY=1", "READY=2", "MAINPID=7\nFDSTORE=1", "WATCHDOG=", "\0=\0",
        "EXTEND_TIMEOUT_USEC=-1", "EXTEND_TIMEOUT_USEC=infinity", "READY=1\r",
    ])
    func `what is not understood says nothing`(text: String) {
        #expect(NotifyMessage(parsing: text) == NotifyMessage())
    }

    @Test func `an extension is a day at most`() {
        let text = "EXTEND_TIMEOUT_USEC=18446744073709551615"
        #expect(NotifyMessage(parsing: text).timeoutExtension == .seconds(86_400))
    }

    @Test func `a status is one line that moves no cursor and turns no text round`() throws {
        let status = try #require(NotifyMessage(parsing: "STATUS=a\u{1B}[2Jb\tc\u{202E}d\r\u{2028}e").status)
        #expect(status == "a [2Jb c d  e")
        #expect(NotifyMessage(parsing: "STATUS=" + String(repeating: "é", count: 900)).status?.count == 256)
        #expect(NotifyMessage(parsing: "STATUS=👩‍👧 ok").status == "👩‍👧 ok")
        #expect(NotifyMessage(parsing: "STATUS=").status == "")
    }

    @Test func `what lies beyond four kilobytes is not read`() {
        let text = "STATUS=" + String(repeating: "x", count: 5000) + "\nREADY=1"
        #expect(!NotifyMessage(parsing: text).isReady)
    }

    @Test func `early messages add up`() {
        var first = NotifyMessage(parsing: "RELOADING=1\nSTATUS=one")
        first.merge(NotifyMessage(parsing: "READY=1"))
        #expect(
            first
                == message {
                    $0.isReady = true; $0.status = "one"
                }
        )
    }
}
