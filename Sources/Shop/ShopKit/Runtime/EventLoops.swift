import NIOCore

/// The shop is nine small processes on one machine: one event loop and one blocking thread each are enough.
package enum EventLoops {
    /// To be called before anything uses SwiftNIO.
    package static func useOneThread() {
        NIOSingletons.groupLoopCountSuggestion = 1
        NIOSingletons.blockingPoolThreadCountSuggestion = 1
    }
}
