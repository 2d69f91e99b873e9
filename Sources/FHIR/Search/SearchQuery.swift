public import Primitives

/// A search within one resource type (R4 3.1.1): what must hold of a resource, and how the answer is
/// wanted.
public struct SearchQuery: Sendable {
  /// What to do with parameters that the resource type does not have (`Prefer: handling=`).
  public enum Handling: Sendable { case strict, lenient }
  /// The order of the answer; the only one offered is by `_lastUpdated`.
  public enum Order: Sendable { case oldestFirst, newestFirst }
  /// Whether a total is wanted, and how exact (R4 3.1.1.5.4).
  public enum Total: String, Sendable { case none, estimate, accurate }

  public let resourceType: String
  /// All of these must hold.
  public private(set) var criteria: [SearchCriterion] = []
  /// `_count`: how many a page may have; 0 asks for the total only. Not limited here.
  public private(set) var count: Int?
  public private(set) var order: Order?
  public private(set) var total: Total?
  /// `_cursor`: where to go on, opaque to this module.
  public private(set) var cursor: String?
  /// Names of parameters that were left out of account (only with `lenient`).
  public private(set) var ignored: [String] = []

  /// Reads the decoded pairs of a query string.
  ///
  /// - Throws: `invalid` for an unknown resource type, parameter, modifier, prefix or value, and
  ///   beyond the bounds of `SearchLimits`. The place is the parameter's name.
  public init(
    type: String, parameters: [(name: String, value: String)], handling: Handling = .strict
  ) throws(PeerChartError) {
    guard ResourceType.isKnown(type) else {
      throw PeerChartError(.invalid, "not a resource type of FHIR R4", place: "type")
    }
    guard parameters.count <= SearchLimits.parameters else {
      throw PeerChartError(
        .invalid, "more than \(SearchLimits.parameters) parameters", place: "query")
    }
    resourceType = type
    for (number, (name, value)) in parameters.enumerated() {
      let place = Self.place(of: name, number)
      do {
        try add(name, value, handling)
      } catch {
        throw PeerChartError(error.code, error.reason, place: place)
      }
    }
  }

  private mutating func add(
    _ name: String, _ value: String, _ handling: Handling
  ) throws(PeerChartError) {
    switch name {
    case "_format", "_pretty": return
    case "_count": count = try Self.count(value)
    case "_sort": order = try Self.order(value)
    case "_total":
      guard let known = Total(rawValue: value) else {
        throw PeerChartError(.invalid, "_total is none, estimate or accurate")
      }
      total = known
    case "_cursor":
      guard value.utf8.count <= SearchLimits.valueBytes else {
        throw PeerChartError(.invalid, "longer than \(SearchLimits.valueBytes) bytes")
      }
      cursor = value
    default: try addCriterion(name, value, handling)
    }
  }

  private mutating func addCriterion(
    _ name: String, _ value: String, _ handling: Handling
  ) throws(PeerChartError) {
    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let plain = parts.first ?? ""
    guard let parameter = SearchParameterTable.standard.parameter(plain, of: resourceType) else {
      guard handling == .lenient else {
        throw PeerChartError(.invalid, "\(resourceType) has no such search parameter here")
      }
      ignored.append(name)
      return
    }
    let modifier = parts.count > 1 ? String(parts[1]) : nil
    criteria.append(try SearchCriterion(parameter, modifier: modifier, value: value))
  }

  private static func count(_ value: String) throws(PeerChartError) -> Int {
    guard !value.isEmpty, value.utf8.count <= 9, value.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
      let count = Int(value)
    else { throw PeerChartError(.invalid, "_count is a number from 0 to 999999999") }
    return count
  }

  private static func order(_ value: String) throws(PeerChartError) -> Order {
    switch value {
    case "_lastUpdated": return .oldestFirst
    case "-_lastUpdated": return .newestFirst
    default: throw PeerChartError(.invalid, "_sort is _lastUpdated or -_lastUpdated")
    }
  }

  /// The name of a parameter where it can stand in an error: it comes from outside like its value.
  private static func place(of name: String, _ number: Int) -> String {
    let isPlain =
      !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x2D, 0x2E, 0x30...0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
      }
    return isPlain ? name : "query parameter \(number + 1)"
  }
}
