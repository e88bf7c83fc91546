import Foundation

/// How many requests a second the shopper makes: a slow wave, and now and then a burst.
package struct TrafficWave: Equatable, Sendable {
    /// Requests a second in the middle of the wave.
    package var rate: Double
    /// How far the wave swings, as a share of the rate.
    package var swing = 0.3
    package var period = Duration.seconds(120)
    /// Every so often, for so long, twice as many.
    package var burstEvery = Duration.seconds(90)
    package var burstFor = Duration.seconds(4)

    package init(rate: Double) {
        self.rate = rate
    }

    /// The rate at a time since start. The first burst comes after the first interval.
    package func rate(at time: Duration) -> Double {
        let phase = 2 * Double.pi * (time / period)
        let calm = rate * (1 + swing * sin(phase))
        let intoInterval = (time / burstEvery).truncatingRemainder(dividingBy: 1) * (burstEvery / .seconds(1))
        let isBurst = time >= burstEvery && intoInterval < burstFor / .seconds(1)
        return isBurst ? calm * 2 : calm
    }
}
