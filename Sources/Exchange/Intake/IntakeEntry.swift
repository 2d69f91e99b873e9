import FHIR
import Primitives

/// One entry of a bundle, or one resource of an import, as a thing to be done.
struct IntakeEntry: Sendable {
  enum Action: Sendable {
    case create(Resource, ifNoneExist: String?)
    case put(Resource, Target, VersionCondition)
    case delete(type: String, Target, VersionCondition)
    case patch(type: String, Target, ResourcePatch, VersionCondition)
    case read(type: String, id: String)
    case vread(type: String, id: String, version: Int64)
    case history(type: String, id: String)
    case search(type: String, query: String)
  }

  /// Which record is meant: by its id, or as the only one that a search finds.
  enum Target: Sendable {
    case id(String)
    case match(query: String)
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
  ///
  /// - Parameter id: the one it gets if it has none.
  init(
    _ resource: Resource, id: String? = nil, pointer: String, fullUrl: String? = nil
  ) throws {
    self.pointer = pointer
    self.fullUrl = fullUrl
    try resource.checkStructure(references: false)
    action =
      (resource.id ?? id).map { .put(resource, .id($0), .any) }
      ?? .create(resource, ifNoneExist: nil)
  }

  /// A conditional update that came by itself.
  init(putting resource: Resource, where query: String, _ condition: VersionCondition) {
    pointer = resource.type
    fullUrl = nil
    action = .put(resource, .match(query: query), condition)
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
    // Some clients write the address with a leading slash.
    let url = request.url.hasPrefix("/") ? String(request.url.dropFirst()) : request.url
    switch (request.method, ReferenceForm(url)) {
    case (.post, _):
      let resource = try body()
      guard url == resource.type else {
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
      return .put(resource, .id(id), try condition(request, place))
    case (.put, .conditional(let type, let query)):
      let resource = try body()
      guard resource.type == type else {
        throw PeerChartError(
          .invalid, "the url of a PUT must name the type of its resource", place: "\(place).url")
      }
      return .put(resource, .match(query: query), try condition(request, place))
    case (.patch, .relative(let type, let id, nil)):
      return .patch(type: type, .id(id), try patch(entry), try condition(request, place))
    case (.patch, .conditional(let type, let query)):
      return .patch(
        type: type, .match(query: query), try patch(entry), try condition(request, place))
    case (.delete, .relative(let type, let id, nil)):
      return .delete(type: type, .id(id), try condition(request, place))
    case (.delete, .conditional(let type, let query)):
      return .delete(type: type, .match(query: query), try condition(request, place))
    case (.get, .relative(let type, let id, nil)): return .read(type: type, id: id)
    case (.get, .relative(let type, let id, let version?)):
      guard let number = Int64(version) else {
        throw PeerChartError(.invalid, "a version is a number", place: "\(place).url")
      }
      return .vread(type: type, id: id, version: number)
    case (.get, .conditional(let type, let query)): return .search(type: type, query: query)
    case (.get, _) where ResourceType.isKnown(url): return .search(type: url, query: "")
    case (.get, _):
      let parts = url.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3, parts[2] == "_history", ResourceType.isKnown(parts[0]) else {
        fallthrough
      }
      return .history(type: parts[0], id: parts[1])
    default:
      throw PeerChartError(
        .invalid, "this method and url make no request that is offered here", place: place)
    }
  }

  /// The patch of an entry: a Parameters resource, or a JSON Patch as the content of a Binary
  /// (R4 3.1.0.11.2).
  private static func patch(_ entry: BundleEntry) throws -> ResourcePatch {
    let place = "\(entry.pointer).resource"
    guard let resource = try entry.resource else {
      throw PeerChartError(.invalid, "PATCH needs a resource", place: place)
    }
    do {
      switch resource.type {
      case "Parameters": return .fhirPath(try FHIRPathPatch(resource))
      case "Binary":
        guard resource.root["contentType"]?.string == "application/json-patch+json",
          let data = resource.root["data"]?.string.flatMap(Base64.decode)
        else { break }
        return try ResourcePatch(parsing: data, isJSONPatch: true)
      default: break
      }
    } catch {
      throw PeerChartError(error.code, error.reason, place: place, cause: error)
    }
    throw PeerChartError(
      .invalid, "a patch is a Parameters, or a Binary of application/json-patch+json",
      place: place)
  }

  private static func condition(
    _ request: BundleEntry.Request, _ place: String
  ) throws -> VersionCondition {
    if let tag = request.ifNoneMatch {
      guard tag == "*" else {
        throw PeerChartError(
          .invalid, "for a write, ifNoneMatch is *", place: "\(place).ifNoneMatch")
      }
      return .absent
    }
    guard let tag = request.ifMatch else { return .any }
    return .version(try EntityTag.version(ifMatch: tag, place: "\(place).ifMatch"))
  }
}
