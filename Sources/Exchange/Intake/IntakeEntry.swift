import FHIR
import Primitives

/// One entry of a bundle, or one resource of an import, as a thing to be done.
struct IntakeEntry: Sendable {
  enum Action: Sendable {
    case create(Resource, ifNoneExist: String?)
    case put(Resource, id: String, ifMatch: Int64?)
    case delete(type: String, id: String, ifMatch: Int64?)
    case read(type: String, id: String)
    case search(type: String, query: String)
  }

  let action: Action
  /// Where it stands in the input: `Bundle.entry[17]`, `line 3`.
  let pointer: String
  let fullUrl: String?

  /// An entry of a transaction or batch.
  init(request entry: BundleEntry) throws {
    pointer = entry.pointer
    fullUrl = try entry.fullUrl
    guard let request = try entry.request else {
      throw PeerChartError(
        .invalid, "an entry of a transaction or batch needs a request",
        place: "\(entry.pointer).request")
    }
    action = try Self.action(request, entry)
  }

  /// A resource without a request: it keeps its id if it has one.
  init(_ resource: Resource, pointer: String, fullUrl: String? = nil) throws {
    self.pointer = pointer
    self.fullUrl = fullUrl
    try resource.checkStructure(references: false)
    action =
      resource.id.map { .put(resource, id: $0, ifMatch: nil) }
      ?? .create(resource, ifNoneExist: nil)
  }

  private static func action(
    _ request: BundleEntry.Request, _ entry: BundleEntry
  ) throws -> Action {
    let place = "\(entry.pointer).request"
    func body() throws -> Resource {
      guard let resource = try entry.resource else {
        throw PeerChartError(
          .invalid, "\(request.method.rawValue) needs a resource",
          place: "\(entry.pointer).resource")
      }
      // References are looked at when they are resolved.
      try resource.checkStructure(references: false)
      return resource
    }
    let target = ReferenceForm(request.url)
    switch (request.method, target) {
    case (.post, _):
      let resource = try body()
      guard request.url == resource.type else {
        throw PeerChartError(
          .invalid, "the url of a POST must be the type of its resource", place: "\(place).url")
      }
      return .create(resource, ifNoneExist: request.ifNoneExist)
    case (.put, .relative(let type, let id, nil)):
      let resource = try body()
      guard resource.type == type, resource.id == id else {
        throw PeerChartError(
          .invalid, "the url of a PUT must name the type and id of its resource",
          place: "\(place).url")
      }
      return .put(resource, id: id, ifMatch: try version(request.ifMatch, place))
    case (.delete, .relative(let type, let id, nil)):
      return .delete(type: type, id: id, ifMatch: try version(request.ifMatch, place))
    case (.get, .relative(let type, let id, nil)): return .read(type: type, id: id)
    case (.get, .conditional(let type, let query)): return .search(type: type, query: query)
    case (.put, .conditional), (.delete, .conditional):
      throw PeerChartError(
        .notSupported, "conditional update and delete are not offered", place: "\(place).url")
    case (.get, _) where ResourceType.isKnown(request.url):
      return .search(type: request.url, query: "")
    default:
      throw PeerChartError(
        .invalid, "this method and url make no request that is offered here", place: place)
    }
  }

  /// The version in a weak entity tag, `W/"3"`.
  private static func version(_ tag: String?, _ place: String) throws -> Int64? {
    guard let tag else { return nil }
    guard let number = EntityTag.version(tag) else {
      throw PeerChartError(
        .invalid, "ifMatch is an entity tag like W/\"3\"", place: "\(place).ifMatch")
    }
    return number
  }
}

/// FHIR's weak entity tags: `W/"3"`.
public enum EntityTag {
  public static func version(_ text: some StringProtocol) -> Int64? {
    guard text.hasPrefix("W/\""), text.hasSuffix("\""), text.utf8.count > 4 else { return nil }
    let digits = text.dropFirst(3).dropLast()
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int64(digits)
  }

  /// The tag of a version.
  public static func text(_ version: Int64) -> String { "W/\"\(version)\"" }
}
