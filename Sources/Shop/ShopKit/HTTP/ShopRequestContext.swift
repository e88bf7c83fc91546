package import Hummingbird
import Synchronization

/// The context of one request. `notes` lets a handler tell the observing middleware what only it knows.
package struct ShopRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let notes = RequestNotes()

    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    package var maxUploadSize: Int { 1 << 20 }
}

/// What a handler adds to the record of its request.
package final class RequestNotes: Sendable {
    struct Content {
        var route: String?
        var waited = Duration.zero
        var requestID = ""
    }

    let content = Mutex(Content())

    /// A better name for the route than the pattern that matched, where one pattern serves several routes.
    package func name(route: String) {
        content.withLock { $0.route = route }
    }

    /// Time that the client asked to wait, which is not the service being slow: a blocking query.
    package func add(waited: Duration) {
        content.withLock { $0.waited += waited }
    }

    package var requestID: String { content.withLock { $0.requestID } }
}

package typealias ShopRouter = Router<ShopRequestContext>
