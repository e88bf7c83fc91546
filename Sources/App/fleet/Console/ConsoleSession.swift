import CellGrid
import FleetAPI
import FleetConsole
import FleetModel
import FleetTerminal
import Foundation

/// One opening of the console on a running engine.
struct ConsoleSession: Sendable {
    let client: any EngineClient
    let profile: TerminalProfile
    let theme: Theme

    /// Returns when the user leaves, the terminal goes away, or the process is asked to end. The terminal is restored.
    ///
    /// - Throws: when the screen cannot be opened; the caller falls back to the stream.
    func run() async throws -> ConsoleLoop.End {
        let inbox = try ConsoleInbox()
        let fetcher = DataFetcher(client: client, inbox: inbox)
        let watcher = Task { await watch(inbox, fetcher) }
        defer { watcher.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            // ncurses belongs to one thread; the cooperative pool has no thread of one's own.
            let thread = Thread {
                do {
                    let screen = try Screen.open(profile: profile, theme: theme)
                    var loop = ConsoleLoop(screen: screen, inbox: inbox, fetcher: fetcher) { effect in
                        perform(effect, inbox)
                    }
                    let end = loop.run()
                    screen.close()
                    continuation.resume(returning: end)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Keeps the snapshots coming, over lost connections too.
    private func watch(_ inbox: ConsoleInbox, _ fetcher: DataFetcher) async {
        var wasLost = false
        while !Task.isCancelled {
            do {
                for try await snapshot in try await client.snapshots() {
                    if wasLost {
                        fetcher.forget()
                        inbox.post(.reconnected)
                        wasLost = false
                    }
                    inbox.post(.snapshot(snapshot))
                }
                lose("the engine has ended", inbox, &wasLost)
            } catch let error as EngineError {
                lose(error.message, inbox, &wasLost)
            } catch {
                lose("the engine went away", inbox, &wasLost)
            }
            try? await Task.sleep(for: .milliseconds(300))
        }
    }

    private func lose(_ reason: String, _ inbox: ConsoleInbox, _ wasLost: inout Bool) {
        if !wasLost { inbox.post(.connectionLost(reason)) }
        wasLost = true
    }

    private func perform(_ effect: ConsoleEffect, _ inbox: ConsoleInbox) {
        Task { [client] in
            switch effect {
            case .perform(let command):
                do throws(EngineError) {
                    inbox.post(.commandFinished(command, try await client.perform(command)))
                } catch {
                    inbox.post(.commandFailed(command, error))
                }
            case .operate(let operation):
                do throws(EngineError) {
                    inbox.post(.operationFinished(operation, try await client.answer(to: operation)))
                } catch {
                    inbox.post(.operationFailed(operation, error))
                }
            case .shutDown(let request):
                do throws(EngineError) {
                    inbox.post(.shutdownFinished(try await client.shutDown(request)))
                } catch {
                    inbox.post(.shutdownFailed(error))
                }
            default: break
            }
        }
    }
}

extension EngineClient {
    fileprivate func answer(to operation: EngineOperation) async throws(EngineError) -> OperationAnswer {
        switch operation {
        case .scale(let request): .outcome(try await scale(request))
        case .reload: .reload(try await reload(ReloadRequest()))
        case .port(let action): .outcome(try await port(action))
        case .resumeWatch(let service): .outcome(try await resumeWatch(service))
        }
    }
}
