import Primitives

/// Collects what is wrong with the shape of a resource, up to a limit.
struct StructureCheck {
  let limit: Int
  private(set) var errors: [PeerChartError] = []

  init(limit: Int) { self.limit = limit }

  mutating func check(_ resource: Resource, references: Bool = true) {
    let root = resource.root
    checkMeta(root["meta"])
    for name in ["identifier", "subject", "patient"] {
      for value in root[name]?.oneOrMany ?? [] {
        require(value, .object, "\(name) must be an object or a list of them")
      }
    }
    checkContained(root["contained"])
    guard references else { return }
    for link in resource.links where link.origin == .reference && link.form == nil {
      guard errors.count < limit else { return }
      add("the syntax of a reference is not that of FHIR", link.value)
    }
  }

  private mutating func checkMeta(_ meta: JSONValue?) {
    for name in ["versionId", "lastUpdated"] {
      if let value = meta?[name] { require(value, .string, "\(name) must be a string") }
    }
    for name in ["security", "tag"] {
      guard let list = meta?[name] else { continue }
      require(list, .array, "\(name) must be an array")
      for coding in list.elements { require(coding, .object, "\(name) must hold objects") }
    }
  }

  private mutating func checkContained(_ contained: JSONValue?) {
    guard let contained else { return }
    require(contained, .array, "contained must be an array")
    for value in contained.elements where errors.count < limit {
      do {
        _ = try Resource(value)
      } catch {
        errors.append(error)
      }
    }
  }

  private mutating func require(_ value: JSONValue, _ kind: JSONValue.Kind, _ reason: String) {
    if value.kind != kind { add(reason, value) }
  }

  private mutating func add(_ reason: String, _ value: JSONValue) {
    guard errors.count < limit else { return }
    errors.append(PeerChartError(.invalid, reason, place: value.pointer))
  }
}

extension JSONValue {
  /// The elements of an array, or the value itself: FHIR repeats some elements in one type only.
  var oneOrMany: [JSONValue] { kind == .array ? Array(elements) : [self] }
}
