import FleetModel
import Testing

@Test func `durations beyond what 64 bits of nanoseconds hold are clamped, not trapped`() {
    #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
    #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
    #expect(Duration.milliseconds(1_500).wholeNanoseconds == 1_500_000_000)
    #expect(Duration.milliseconds(1_500).inSeconds == 1.5)
}

@Test func `moments and timestamps differ by durations`() {
    let moment = Moment(nanoseconds: 5) + .seconds(2)
    #expect(Moment(nanoseconds: 5).distance(to: moment) == .seconds(2))
    #expect(moment.distance(to: Moment(nanoseconds: 5)) == .seconds(-2))
    #expect(Timestamp(milliseconds: 1_700_000_000_123).milliseconds == 1_700_000_000_123)
    #expect(Timestamp(milliseconds: .max).nanoseconds == .max)
    #expect(Timestamp(milliseconds: .min).nanoseconds == .min)
}
