import FleetModel

extension Moment {
    /// Like `+`, but a duration of centuries ends at the last moment instead of wrapping round into the past.
    func advanced(by duration: Duration) -> Moment {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return Moment(nanoseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// The earlier of two that may not exist.
    static func earlier(_ one: Moment?, _ other: Moment?) -> Moment? {
        guard let one else { return other }
        guard let other else { return one }
        return min(one, other)
    }
}
