/// The NaN that says "this series ended here". Written when a series vanishes; readers treat it as no sample.
package enum StalenessMarker {
    package static let bitPattern: UInt64 = 0x7ff0_0000_0000_0002

    package static var value: Double { Double(bitPattern: bitPattern) }

    package static func isStale(_ value: Double) -> Bool { value.bitPattern == bitPattern }
}
