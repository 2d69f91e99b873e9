/// What a path below `/api` names.
package enum APIRoute: Hashable, Sendable {
  /// The description for people.
  case page
  /// The description for programs.
  case document
  /// A path of the table, and what stands in the place of its `{id}`.
  case resource(String, id: String?)

  /// Reads the segments behind `api`; nil for a path that leads nowhere.
  package init?(segments: ArraySlice<String>) {
    let segments = Array(segments)
    if segments.isEmpty {
      self = .page
      return
    }
    if segments == ["openapi.json"] {
      self = .document
      return
    }
    for path in Self.paths {
      let template = path.split(separator: "/").dropFirst()
      guard template.count == segments.count,
        zip(template, segments).allSatisfy({ $0 == "{id}" ? !$1.isEmpty : $0 == $1 })
      else { continue }
      let id = zip(template, segments).first { $0.0 == "{id}" }?.1
      self = .resource(path, id: id)
      return
    }
    return nil
  }

  /// Those without `{id}` first.
  private static let paths = Set(APIOperation.allCases.map(\.description.path)).sorted {
    ($0.contains("{") ? 1 : 0, $0) < ($1.contains("{") ? 1 : 0, $1)
  }

  /// The methods that the route has, besides HEAD wherever there is GET.
  package var methods: [String] {
    guard case .resource(let path, _) = self else { return ["GET"] }
    return APIOperation.allCases.map(\.description).filter { $0.path == path }.map(\.method)
      .sorted()
  }

  /// What stands in the log instead of the path.
  package var pattern: String {
    switch self {
    case .page: "/api"
    case .document: "/api/openapi.json"
    case .resource(let path, _): path.replacing("{id}", with: ":id")
    }
  }
}
