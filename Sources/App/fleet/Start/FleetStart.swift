import FleetAPI
import FleetEngine
import FleetModel
import Synchronization

/// One `fleet up` seen from outside: the command, and when each service entered which state meanwhile.
struct FleetStart: Sendable {
    /// How a service went from nothing to where it is.
    struct Course: Sendable {
        var service: ServiceSnapshot
        /// In order; the first is the state in which it was found.
        var steps: [Step]
        /// Why it is not there; `nil` when it is, or nobody wants it.
        var failure: String?
        /// The last lines of its standard error, of a service that failed.
        var lastErrors: [String] = []

        struct Step: Sendable {
            var state: ServiceState
            var at: Timestamp
        }

        /// From the command to the first readiness; zero when it was ready before; `nil` when it never got there.
        func timeToReady(since start: Timestamp) -> Duration? {
            steps.first { $0.state.isReady || $0.state == .exited }.map { max(.zero, start.distance(to: $0.at)) }
        }
    }

    struct Outcome: Sendable {
        var name: String
        var began: Timestamp
        var duration: Duration
        var courses: [Course]
        var messages: [String]
        /// What the command ends with; `nil` = success.
        var failure: Failure?
    }

    let client: any EngineClient
    let command: ServiceCommand
    /// Whether anybody wants to know the courses.
    let isReported: Bool

    func run() async -> Outcome {
        let clock = SystemClock()
        let began = clock.wallTime
        let start = ContinuousClock.now
        let recorder = CourseRecorder()
        let following = Task { [client, isReported] in
            guard isReported, let snapshots = try? await client.snapshots() else { return }
            for try await snapshot in snapshots { recorder.add(snapshot) }
        }
        defer { following.cancel() }
        var outcome = Outcome(name: "", began: began, duration: .zero, courses: [], messages: [])
        do throws(EngineError) {
            let answer = try await client.perform(command)
            outcome.messages = answer.messages
            if !answer.succeeded { outcome.failure = .silent(1) }
        } catch {
            outcome.failure = Failure(error)
        }
        outcome.duration = start.duration(to: .now)
        if isReported { await complete(&outcome, recorder) }
        return outcome
    }

    private func complete(_ outcome: inout Outcome, _ recorder: CourseRecorder) async {
        if let last = try? await client.snapshot() { recorder.add(last) }
        (outcome.name, outcome.courses) = recorder.result
        for index in outcome.courses.indices {
            let service = outcome.courses[index].service
            guard outcome.failure != nil, service.wanted == .up, !service.state.isReady, service.state != .exited else {
                continue
            }
            outcome.courses[index].failure = await failure(of: service)
            outcome.courses[index].lastErrors = await lastErrors(of: service.id)
        }
    }

    private func failure(of service: ServiceSnapshot) async -> String {
        (try? await client.why(service.id.rawValue))?.sentence ?? "\(service.id) \(service.state.rawValue)"
    }

    /// Of the life that failed, even when the next one has begun; of the present one when none has ended.
    private func lastErrors(of id: ServiceID) async -> [String] {
        let ended = ((try? await client.history(id.rawValue)) ?? []).last { $0.endedAt != nil }
        // What it said last may be on its way into the history still.
        if let ended, !ended.lastErrors.isEmpty { return ended.lastErrors }
        let life = ended.map { "life:\($0.incarnation.ordinal) " } ?? ""
        let query = LogQuery(
            services: [id.rawValue],
            filter: life + "(stream:stderr | lvl>=error)",
            limit: LifeRecord.kept
        )
        return (try? await client.logs(query))?.records.map(\.message) ?? []
    }
}

extension FleetStart.Outcome {
    var json: JSON {
        .object([
            ("ok", .bool(failure == nil)),
            ("name", .string(name)),
            ("started_at", .time(began)),
            ("duration_seconds", .number(duration.inSeconds)),
            ("services", .array(courses.map(json))),
            ("messages", .array((messages + [failure?.message ?? ""]).filter { !$0.isEmpty }.map(JSON.string))),
        ])
    }

    private func json(_ course: FleetStart.Course) -> JSON {
        .object([
            ("name", .string(course.service.id.rawValue)),
            ("service", .string(course.service.name.rawValue)),
            ("state", .string(course.service.state.rawValue)),
            ("wanted", .bool(course.service.wanted == .up)),
            ("ready_seconds", .optional(course.timeToReady(since: began)?.inSeconds)),
            ("restarts", .integer(course.service.restarts)),
            (
                "timeline",
                .array(
                    course.steps.map {
                        .object([
                            ("state", .string($0.state.rawValue)), ("at", .time($0.at)),
                            ("seconds", .number(max(.zero, began.distance(to: $0.at)).inSeconds)),
                        ])
                    }
                )
            ),
            ("failure", .optional(course.failure)),
            ("last_errors", .array(course.lastErrors.map(JSON.string))),
        ])
    }
}

/// Turns a stream of snapshots into one course per service.
private final class CourseRecorder: Sendable {
    private struct Content {
        var name = ""
        var order: [ServiceID] = []
        var courses: [ServiceID: FleetStart.Course] = [:]
        var sequence = -1
    }

    /// A service that flaps has no story worth more.
    private static let longestCourse = 1_000

    private let content = Mutex(Content())

    /// Snapshots may come from two askers; an older one is ignored.
    func add(_ snapshot: FleetSnapshot) {
        content.withLock { content in
            guard snapshot.sequence >= content.sequence else { return }
            content.sequence = snapshot.sequence
            content.name = snapshot.name
            content.order = snapshot.services.map(\.id)
            for service in snapshot.services {
                var course = content.courses[service.id] ?? FleetStart.Course(service: service, steps: [])
                course.service = service
                let isNew = course.steps.last.map { $0.state != service.state || $0.at != service.since } ?? true
                if isNew, course.steps.count < Self.longestCourse {
                    course.steps.append(.init(state: service.state, at: service.since))
                }
                content.courses[service.id] = course
            }
        }
    }

    var result: (name: String, courses: [FleetStart.Course]) {
        content.withLock { content in (content.name, content.order.compactMap { content.courses[$0] }) }
    }
}
