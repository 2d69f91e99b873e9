/// The profiles, tags and security labels of many resources, each once (R4 `$meta`).
public struct MetaUnion: Sendable {
  private static let lists = ["profile", "security", "tag"]

  private var seen: Set<String> = []
  private var values: [String: [JSONTree]] = [:]

  public init() {}

  /// Takes in what a resource is labelled with.
  public mutating func add(_ resource: Resource) {
    guard let meta = resource.root["meta"] else { return }
    for list in Self.lists {
      for value in meta[list].map({ Array($0.elements) }) ?? [] {
        let code = "\(value["system"]?.string ?? "")|\(value["code"]?.string ?? "")"
        guard seen.insert("\(list) \(value.string ?? code)").inserted else { continue }
        values[list, default: []].append(JSONTree(value))
      }
    }
  }

  /// What was gathered, as the Meta of a Parameters resource.
  public var parameters: [UInt8] {
    let meta = Self.lists.compactMap { list in values[list].map { (list, JSONTree.array($0)) } }
    // FHIR has no empty objects: no labels at all is a parameter without a value.
    let value: [(String, JSONTree)] = meta.isEmpty ? [] : [("valueMeta", .object(meta))]
    return JSONTree.object([
      ("resourceType", "Parameters"),
      ("parameter", .array([.object([("name", "return")] + value)])),
    ]).serialized()
  }
}
