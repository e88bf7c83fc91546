/// The elementary functions of the C mathematics library.
///
/// Declared by symbol: they are pure, while the module that has them brings files, sockets and clocks along, which a
/// pure target must not see. Arguments and results are doubles, which Swift and C pass alike.
enum Elementary {
    @_silgen_name("pow") static func pow(_ base: Double, _ exponent: Double) -> Double
    @_silgen_name("atan2") static func atan2(_ y: Double, _ x: Double) -> Double
    @_silgen_name("exp") static func exp(_ x: Double) -> Double
    @_silgen_name("log") static func log(_ x: Double) -> Double
    @_silgen_name("log2") static func log2(_ x: Double) -> Double
    @_silgen_name("log10") static func log10(_ x: Double) -> Double
    @_silgen_name("sin") static func sin(_ x: Double) -> Double
    @_silgen_name("cos") static func cos(_ x: Double) -> Double
    @_silgen_name("tan") static func tan(_ x: Double) -> Double
    @_silgen_name("asin") static func asin(_ x: Double) -> Double
    @_silgen_name("acos") static func acos(_ x: Double) -> Double
    @_silgen_name("atan") static func atan(_ x: Double) -> Double
    @_silgen_name("sinh") static func sinh(_ x: Double) -> Double
    @_silgen_name("cosh") static func cosh(_ x: Double) -> Double
    @_silgen_name("tanh") static func tanh(_ x: Double) -> Double
    @_silgen_name("asinh") static func asinh(_ x: Double) -> Double
    @_silgen_name("acosh") static func acosh(_ x: Double) -> Double
    @_silgen_name("atanh") static func atanh(_ x: Double) -> Double
}
