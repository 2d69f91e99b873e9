/// The resource that an element is part of, and what references in it can lead to.
final class ValidationContext {
  let resource: ValidationElement
  /// The context of the resource that this one is contained in.
  let container: ValidationContext?
  /// The Bundle that this resource is an entry of.
  let bundle: BundleIndex?
  /// The ids of elements seen so far.
  var elementIDs: Set<String> = []
  /// The fragments that references in the resource point to.
  private(set) lazy var fragments = Self.fragments(in: resource.value)
  private(set) lazy var environment = makeEnvironment()
  private lazy var contained = Dictionary(
    resource.children("contained").compactMap { element in
      element.value?["id"]?.string.map { ($0, element) }
    }, uniquingKeysWith: { first, _ in first })

  init(_ resource: ValidationElement, container: ValidationContext?, bundle: BundleIndex?) {
    self.resource = resource
    self.container = container
    self.bundle = bundle
  }

  var root: ValidationContext { container ?? self }

  /// The resource that a reference leads to, where it is at hand.
  func resolve(_ reference: String) -> ValidationElement? {
    if reference == "#" { return root.resource }
    if reference.hasPrefix("#") { return root.contained[String(reference.dropFirst())] }
    return bundle?.resource(reference, from: root.resource)
  }

  /// The contained resources by the references to them, and what contains them as `#`.
  var reachable: [String: JSONValue] {
    var found: [String: JSONValue] = [:]
    for (id, element) in root.contained { found["#" + id] = element.value }
    found["#"] = root.resource.value
    return found
  }

  /// Every `#…` in a member `reference`, `uri` or `url` or in any other string: whoever refers to a
  /// contained resource may do so by an extension.
  private static func fragments(in value: JSONValue?) -> Set<String> {
    var found: Set<String> = []
    guard let value else { return found }
    var index = value.index
    while index < value.node.next {
      let each = JSONValue(storage: value.storage, index: index)
      if each.node.kind == .string, each.raw.dropFirst().first == 0x23, let text = each.string {
        found.insert(String(text.dropFirst()))
      }
      index += 1
    }
    return found
  }
}

/// The entries of a Bundle by what references to them say.
final class BundleIndex {
  private var byURL: [String: ValidationElement] = [:]

  init(_ bundle: ValidationElement) {
    for entry in bundle.children("entry") {
      guard let resource = entry.children("resource").first, let value = resource.value else {
        continue
      }
      if let url = entry.value?["fullUrl"]?.string, byURL[url] == nil { byURL[url] = resource }
      if let type = resource.structure?.name, let id = value["id"]?.string {
        let relative = "\(type)/\(id)"
        if byURL[relative] == nil { byURL[relative] = resource }
      }
    }
  }

  /// The same for those who need the JSON only; made once, however many entries ask.
  private(set) lazy var values = byURL.compactMapValues(\.value)

  func resource(_ reference: String, from: ValidationElement) -> ValidationElement? {
    if let found = byURL[reference] { return found }
    guard let form = ReferenceForm(reference) else { return nil }
    return switch form {
    case .relative(let type, let id, _): byURL["\(type)/\(id)"]
    default: nil
    }
  }
}
