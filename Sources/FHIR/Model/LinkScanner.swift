/// Walks a resource for what links to other resources.
struct LinkScanner {
  /// What kind of object a string stands in, as far as that decides what the string means.
  private enum Parent {
    case resource, `extension`, immunizationEducation, other
  }

  /// The entries of the outermost Bundle, which are left out.
  private let skipped: JSONValue?
  private(set) var found: [ResourceLink] = []

  init(_ resource: Resource) {
    skipped = resource.type == "Bundle" ? resource.root["entry"] : nil
    scanMembers(of: resource.root, as: .resource)
  }

  /// Elements of R4 that are of type uri, url, oid or uuid where a `urn:` may stand in them, taken
  /// from the snapshots of `profiles-resources.json` and `profiles-types.json`. `value` and
  /// `profile`, say, are not among them: a string or a canonical stays as it is.
  private static let uriNames: Set<String> = [
    "authority", "definitionUri", "derivedFromUri", "endpoint", "eventUri", "implicitRules",
    "instantiatesUri", "issuer", "link", "moduleUri", "onlineInformation", "policy", "protocol",
    "reference", "rendering", "source", "sourceUri", "system", "target", "targetUri", "uri", "url",
    "valueOid", "valueUri", "valueUrl", "valueUuid",
  ]
  private static let urnPrefix = Array("urn:".utf8)

  private mutating func scanMembers(of object: JSONValue, as parent: Parent) {
    let storage = object.storage
    var iterator = object.members.makeIterator()
    while let index = iterator.nextNameIndex() {
      let value = JSONValue(storage: storage, index: index + 1)
      if value.index != skipped?.index { scan(value, named: storage.tape[index], in: parent) }
    }
  }

  private mutating func scan(_ value: JSONValue, named name: JSONNode, in parent: Parent) {
    switch value.node.kind {
    case .string: visit(value, named: name, in: parent)
    case .array: for element in value.elements { scan(element, named: name, in: parent) }
    case .object: scanMembers(of: value, as: Self.kind(of: value, named: name))
    default: break
    }
  }

  private static func kind(of object: JSONValue, named name: JSONNode) -> Parent {
    let storage = object.storage
    if storage.node(name, spells: "extension") || storage.node(name, spells: "modifierExtension") {
      return .extension
    }
    if storage.node(name, spells: "education") { return .immunizationEducation }
    // The only members of R4 in which a whole resource stands.
    guard storage.node(name, spells: "contained") || storage.node(name, spells: "resource") else {
      return .other
    }
    return object.nameIndex(of: "resourceType") == nil ? .other : .resource
  }

  private mutating func visit(_ value: JSONValue, named name: JSONNode, in parent: Parent) {
    let storage = value.storage
    if storage.node(name, spells: "reference"), parent == .other || parent == .extension {
      // DetectedIssue.reference and Immunization.education.reference are uris, no References.
      let text = value.string ?? ""
      append(.reference, value, text, ReferenceForm(text), value.node.content)
    } else if storage.node(name, spells: "div") {
      for link in NarrativeLinks.find(in: value) {
        guard let form = Self.form(ofURI: link.text, allowsURL: true) else { continue }
        append(.narrative, value, link.text, form, link.range)
      }
    } else {
      visitURI(value, named: name, in: parent)
    }
  }

  private mutating func visitURI(_ value: JSONValue, named name: JSONNode, in parent: Parent) {
    let storage = value.storage
    let content = value.node.content
    let isPlainURL = storage.node(name, spells: "url")
    // The url of an Extension names its definition, that of a resource the resource itself.
    if isPlainURL, parent == .extension { return }
    let isURL =
      isPlainURL || storage.node(name, spells: "valueUrl")
      || storage.node(name, spells: "valueUri")
    let allowsURL = isURL && parent != .resource
    guard allowsURL || storage.bytes[content].starts(with: Self.urnPrefix),
      Self.uriNames.contains(storage.text(of: name)), let text = value.string,
      let form = Self.form(ofURI: text, allowsURL: allowsURL)
    else { return }
    append(.uri, value, text, form, content)
  }

  /// Only what can name a resource of this Bundle or server: other URLs are no links between records.
  private static func form(ofURI text: String, allowsURL: Bool) -> ReferenceForm? {
    if ReferenceForm.isURN(text) { return ReferenceForm(text) }
    guard allowsURL, let form = ReferenceForm(text) else { return nil }
    return switch form {
    case .relative, .absolute(_, .some, _, _): form
    default: nil
    }
  }

  private mutating func append(
    _ origin: ResourceLink.Origin, _ value: JSONValue, _ text: String, _ form: ReferenceForm?,
    _ range: Range<Int>
  ) {
    found.append(
      ResourceLink(origin: origin, value: value, text: text, form: form, contentRange: range))
  }
}
