public import Primitives

/// A search within one resource type (R4 3.1.1): what must hold of a resource, and how the answer is
/// wanted.
public struct SearchQuery: Sendable {
  /// What to do with parameters that the resource type does not have (`Prefer: handling=`).
  public enum Handling: Sendable { case strict, lenient }

  public let resourceType: String
  /// All of these must hold.
  public private(set) var conditions: [SearchCondition] = []
  public private(set) var options = SearchOptions()
  /// The pairs that were understood, in their order: the link of an answer to itself repeats them.
  public private(set) var used: [(name: String, value: String)] = []
  /// Names of parameters that were left out of account (only with `lenient`).
  public private(set) var ignored: [String] = []

  /// The conditions on the resource itself.
  public var criteria: [SearchCriterion] {
    conditions.compactMap { condition in
      guard case .criterion(let criterion) = condition else { return nil }
      return criterion
    }
  }

  /// Whether other resources must be read to decide about one.
  public var followsLinks: Bool { conditions.contains(where: \.followsLinks) }

  /// `_count`, as in `options`.
  public var count: Int? { options.count }
  /// `_total`, as in `options`.
  public var total: SearchOptions.Total? { options.total }
  /// `_cursor`, as in `options`.
  public var cursor: String? { options.cursor }

  /// Reads the decoded pairs of a query string, of a form, or of both together.
  ///
  /// - Parameter compartment: the compartment that the search is in (`Patient/123/Observation`).
  /// - Throws: `invalid` for an unknown resource type, parameter, modifier, prefix or value, for
  ///   what is not offered, and beyond the bounds of `SearchLimits`. The place is the parameter's name.
  public init(
    type: String, parameters: [(name: String, value: String)],
    in compartment: CompartmentMembership? = nil, handling: Handling = .strict
  ) throws(PeerChartError) {
    guard ResourceType.isKnown(type) else {
      throw PeerChartError(.invalid, "not a resource type of FHIR R4", place: "type")
    }
    guard parameters.count <= SearchLimits.parameters else {
      throw PeerChartError(
        .invalid, "more than \(SearchLimits.parameters) parameters", place: "query")
    }
    resourceType = type
    if let compartment { conditions.append(.compartment(compartment)) }
    for (number, (name, value)) in parameters.enumerated() {
      do throws(PeerChartError) {
        if try add(name, value) {
          used.append((name, value))
        } else if handling == .lenient {
          ignored.append(name)
        } else {
          throw PeerChartError(.invalid, "\(type) has no such search parameter")
        }
      } catch {
        throw PeerChartError(error.code, error.reason, place: Self.place(of: name, number))
      }
    }
  }

  /// What is asked of a resource at one end of a chain.
  public init(type: String, conditions: [SearchCondition]) {
    resourceType = type
    self.conditions = conditions
  }

  /// Returns false for a name that the type does not have.
  private mutating func add(_ name: String, _ value: String) throws(PeerChartError) -> Bool {
    // Chains can be long; a name that cannot be one is not even split.
    guard name.utf8.count <= SearchLimits.valueBytes else {
      throw PeerChartError(.invalid, "a name longer than \(SearchLimits.valueBytes) bytes")
    }
    if try options.read(name, value, of: resourceType) { return true }
    switch name {
    case "_list":
      guard Resource.isValidID(value) else {
        throw PeerChartError(.invalid, "_list wants the id of a List")
      }
      conditions.append(.list(value))
    case "_type":
      guard value == resourceType else {
        throw PeerChartError(.invalid, "_type is for searches over all types")
      }
    default:
      var reader = SearchConditionReader(value: value)
      guard case .condition(let condition) = try reader.read(name[...], of: resourceType) else {
        return false
      }
      conditions.append(condition)
    }
    return true
  }

  /// The name of a parameter where it can stand in an error: it comes from outside like its value.
  private static func place(of name: String, _ number: Int) -> String {
    let isPlain =
      !name.isEmpty && name.utf8.count <= 128
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x2D, 0x2E, 0x30...0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
      }
    return isPlain ? name : "query parameter \(number + 1)"
  }
}

extension SearchQuery {
  /// A search over several types (`GET /?_type=Patient,Observation`), as one query for each, in the
  /// order of their names where `_type` is left out. Every type must have every parameter.
  ///
  /// - Throws: `invalid`, as `init`.
  public static func queries(
    parameters: [(name: String, value: String)], in compartment: CompartmentMembership? = nil,
    handling: Handling = .strict
  ) throws(PeerChartError) -> [SearchQuery] {
    var types = compartment?.compartment.types ?? ResourceType.names.sorted()
    for (_, value) in parameters.filter({ $0.name == "_type" }) {
      let named = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard named.allSatisfy({ ResourceType.isKnown($0) }), Set(named).count == named.count else {
        throw PeerChartError(
          .invalid, "_type is a list of different resource types", place: "_type")
      }
      types = named.filter(types.contains)
    }
    let rest = parameters.filter { $0.name != "_type" }
    return try types.map { type throws(PeerChartError) in
      var query = try SearchQuery(
        type: type, parameters: rest, in: compartment, handling: handling)
      // Which types these are belongs to the question, and so to the link to the next page.
      query.used.insert(contentsOf: parameters.filter { $0.name == "_type" }, at: 0)
      return query
    }
  }
}
