public import FHIR
public import Primitives

/// What a bulk export is asked for (Bulk Data Access 2.0, kick-off request).
public struct BulkExportRequest: Sendable {
  /// What is exported from.
  public enum Level: Sendable, Equatable {
    case system
    case patients
    /// The patients that are members of the Group of this id.
    case group(String)
  }

  /// Searches of `_typeFilter`, at most.
  private static let mostFilters = 64
  private static let mostPatients = 1000
  private static let formats: Set<String> = [
    "application/fhir+ndjson", "application/fhir ndjson", "application/ndjson", "ndjson",
  ]

  let level: Level
  private(set) var since: Instant?
  /// Nil where all are wanted.
  private(set) var types: [String]?
  private(set) var filters: [String: [String]] = [:]
  private(set) var elements: [String: [String]] = [:]
  private(set) var patients: [String]?

  /// Reads the parameters of a kick-off.
  ///
  /// - Parameters:
  ///   - isPost: whether `patient` may be among them.
  ///   - isLenient: whether what is not offered is left out (`Prefer: handling=lenient`). What is wrong in
  ///     itself is an error all the same.
  /// - Throws: `invalid` with the parameter as the place, `not-supported`.
  public init(
    _ level: Level, _ parameters: OperationParameters, isPost: Bool, isLenient: Bool
  ) throws(PeerChartError) {
    self.level = level
    for (name, value) in parameters.pairs {
      do throws(PeerChartError) {
        try read(name, value, isPost: isPost, isLenient: isLenient)
      } catch {
        throw PeerChartError(error.code, error.reason, place: error.place ?? name)
      }
    }
    if !parameters.elements.isEmpty && !isLenient {
      throw PeerChartError(.invalid, "a parameter is of a kind that this operation does not have")
    }
    if let types {
      guard !types.isEmpty else {
        throw PeerChartError(
          .invalid, "none of these types can be exported here", place: "_type")
      }
      guard filters.keys.allSatisfy(types.contains) || isLenient else {
        throw PeerChartError(
          .invalid, "a filter is for a type that _type leaves out", place: "_typeFilter")
      }
    }
  }

  private mutating func read(
    _ name: String, _ value: String, isPost: Bool, isLenient: Bool
  ) throws(PeerChartError) {
    switch name {
    case "_outputFormat":
      guard Self.formats.contains(value) else {
        throw PeerChartError(.invalid, "files are given as application/fhir+ndjson only")
      }
    case "_since":
      guard since == nil, let instant = Instant(value) else {
        throw PeerChartError(.invalid, "_since is one instant, such as 2026-03-01T12:00:00Z")
      }
      since = instant
    case "_type": try readTypes(value, isLenient: isLenient)
    case "_typeFilter": try readFilters(value, isLenient: isLenient)
    case "_elements": try readElements(value)
    case "patient" where isPost && level != .system: try readPatient(value)
    case "patient":
      throw PeerChartError(
        .invalid, "patients are named by POST, for Patient/$export and Group/…/$export")
    case "includeAssociatedData":
      guard isLenient else {
        throw PeerChartError(
          .notSupported,
          "associated data is not added: ask for Provenance as a type, or with handling=lenient")
      }
    default:
      guard isLenient else {
        throw PeerChartError(.invalid, "this operation has no such parameter", place: "query")
      }
    }
  }

  private mutating func readTypes(
    _ value: String, isLenient: Bool
  ) throws(PeerChartError) {
    var types = types ?? []
    let offered = Set(level == .system ? Array(ResourceType.names) : Compartment.patient.types)
    for type in value.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      guard offered.contains(type) else {
        if isLenient { continue }
        throw PeerChartError(
          .invalid,
          ResourceType.isKnown(type)
            ? "a type outside the patient compartment is exported from the whole system only"
            : "FHIR R4 has no resource type of that name")
      }
      if !types.contains(type) { types.append(type) }
    }
    self.types = types
  }

  private mutating func readFilters(
    _ value: String, isLenient: Bool
  ) throws(PeerChartError) {
    for filter in Self.searches(in: value) {
      let parts = filter.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, ResourceType.isKnown(parts[0]) else {
        throw PeerChartError(.invalid, "a filter is written Type?parameter=value")
      }
      let type = String(parts[0])
      do throws(PeerChartError) { _ = try Self.query(type, String(parts[1])) } catch {
        if isLenient && error.code != .tooLarge { continue }
        throw PeerChartError(
          error.code, error.reason, place: "_typeFilter, " + (error.place ?? type))
      }
      filters[type, default: []].append(String(parts[1]))
      guard filters.values.reduce(0, { $0 + $1.count }) <= Self.mostFilters else {
        throw PeerChartError(.invalid, "there are more than \(Self.mostFilters) filters")
      }
    }
  }

  /// Searches are separated by commas, and so are the values within one: a search begins with a type.
  static func searches(in text: String) -> [String] {
    var searches: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      let name = part.prefix { $0 != "?" }
      if searches.isEmpty || name.utf8.count < part.utf8.count && ResourceType.isKnown(name) {
        searches.append(part)
      } else {
        searches[searches.count - 1] += "," + part
      }
    }
    return searches
  }

  /// The search of a filter. How an answer is wanted has no place in one.
  ///
  /// - Throws: `invalid` with the parameter as the place.
  static func query(_ type: String, _ text: String) throws(PeerChartError) -> SearchQuery {
    let query = try SearchQuery(type: type, parameters: QueryString(parsing: text).named)
    guard try query.options == SearchQuery(type: type, parameters: []).options else {
      throw PeerChartError(.invalid, "a filter has conditions only, and says nothing of the answer")
    }
    return query
  }

  private mutating func readElements(_ value: String) throws(PeerChartError) {
    for name in value.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard let element = parts.last, (1...2).contains(parts.count), !element.isEmpty,
        element.utf8.count <= 64, element.utf8.allSatisfy({ (0x61...0x7A).contains($0 | 0x20) }),
        parts.count == 1 || ResourceType.isKnown(parts[0])
      else {
        throw PeerChartError(
          .invalid, "_elements is a list of names: element, or Type.element, of the top level")
      }
      elements[parts.count == 2 ? parts[0] : "", default: []].append(element)
      guard elements.values.reduce(0, { $0 + $1.count }) <= 256 else {
        throw PeerChartError(.invalid, "there are more than 256 elements")
      }
    }
  }

  private mutating func readPatient(_ value: String) throws(PeerChartError) {
    guard case .relative("Patient", let id, nil) = ReferenceForm(value) else {
      throw PeerChartError(.invalid, "a patient is named by a reference, Patient/ID")
    }
    patients = (patients ?? []) + [id]
    guard patients?.count ?? 0 <= Self.mostPatients else {
      throw PeerChartError(.invalid, "there are more than \(Self.mostPatients) patients")
    }
  }
}
