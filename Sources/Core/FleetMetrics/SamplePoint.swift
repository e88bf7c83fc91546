/// One sample of a series.
package struct SamplePoint: Hashable, Sendable {
    /// Milliseconds since the Unix epoch.
    package var time: Int64
    package var value: Double

    package init(time: Int64, value: Double) {
        self.time = time
        self.value = value
    }
}
