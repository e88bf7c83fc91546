/// A condition on one label. An absent label counts as the empty value, as everywhere in Prometheus.
///
/// Regular expressions come in as a predicate, so that this module needs no engine of its own.
package enum SeriesMatcher {
    case equal(name: String, value: String)
    case notEqual(name: String, value: String)
    case predicate(name: String, (String) -> Bool)

    var name: String {
        switch self {
        case .equal(let name, _), .notEqual(let name, _), .predicate(let name, _): name
        }
    }

    func accepts(_ value: String) -> Bool {
        switch self {
        case .equal(_, let wanted): value == wanted
        case .notEqual(_, let unwanted): value != unwanted
        case .predicate(_, let predicate): predicate(value)
        }
    }
}
