import Primitives

/// The entries of a document Bundle (R4 3.3). Whatever one refers to is an entry as well, or is no
/// literal reference any more: nothing dangles.
struct DocumentEntries {
  let frame: DocumentFrame
  private(set) var targets: Set<ReferenceTarget> = []
  private var entries: [Entry] = []

  private enum Entry {
    case record(Resource, edits: ByteEdits)
    /// Made for this document: no record has this URL.
    case made(fullURL: String, json: [UInt8])
  }

  init(_ frame: DocumentFrame) { self.frame = frame }

  /// Adds a record, unless it is there; `edits` are in the ranges of its document.
  mutating func append(_ record: Resource, edits: ByteEdits = ByteEdits()) {
    guard let target = record.target, targets.insert(target).inserted else { return }
    entries.append(.record(record, edits: edits))
  }

  /// Adds a resource that was made for the document. What it refers to must be absolute.
  mutating func append(made json: [UInt8], as fullURL: String) {
    entries.append(.made(fullURL: fullURL, json: json))
  }

  /// The Bundle (R4 3.3, invariants bdl-9 to bdl-11).
  ///
  /// - Parameter meta: of the Bundle.
  func bundle(meta: [(String, JSONTree)] = []) -> [UInt8] {
    var head: [(String, JSONTree)] = [("resourceType", "Bundle"), ("id", .string(frame.id))]
    if !meta.isEmpty { head.append(("meta", .object(meta))) }
    head += [
      (
        "identifier",
        ["system": "urn:ietf:rfc:3986", "value": .string("urn:uuid:\(frame.id)")]
      ),
      ("type", "document"),
      ("timestamp", .string(frame.date.description)),
      ("entry", .array(entries.map(tree))),
    ]
    return JSONTree.object(head).serialized()
  }

  private func tree(_ entry: Entry) -> JSONTree {
    switch entry {
    case .made(let fullURL, let json):
      return .object([("fullUrl", .string(fullURL)), ("resource", .raw(json))])
    case .record(let record, let edits):
      let fullURL = record.target.map(frame.fullURL) ?? ""
      return .object([
        ("fullUrl", .string(fullURL)), ("resource", .raw(resolved(record, edits))),
      ])
    }
  }

  /// The record with references that hold within this document.
  private func resolved(_ record: Resource, _ further: ByteEdits) -> [UInt8] {
    var edits = further
    // Bytes of the reference's text → the type it named, of those that lead to no entry.
    var lost: [Int: String?] = [:]
    let links = record.links
    for link in links where link.origin == .reference {
      switch DocumentLink(link, base: frame.base) {
      case .elsewhere: continue
      case .nowhere: lost[link.contentRange.lowerBound] = .some(nil)
      case .local(let target, _):
        if !targets.contains(target) { lost[link.contentRange.lowerBound] = target.type }
      }
    }
    edits.append(record.edits(replacing: links, with: replacement))
    if !lost.isEmpty { Self.reduce(record.root, lost, into: &edits) }
    return record.applying(edits)
  }

  /// The text that a link is to have in the document, where it is another than it has.
  private func replacement(_ link: ResourceLink) -> String? {
    guard case .local(let target, let version) = DocumentLink(link, base: frame.base) else {
      return nil
    }
    switch link.origin {
    case .reference:
      // Entries are the newest versions; one that was named may not be there.
      guard version != nil, targets.contains(target) else { return nil }
      return link.text.hasPrefix(frame.base) ? frame.fullURL(target) : "\(target.type)/\(target.id)"
    case .uri, .narrative:
      // An attachment lies where it lies: its address has to work outside of the server too.
      return link.text.hasPrefix(frame.base) ? nil : "\(frame.base)/\(link.text)"
    }
  }

  /// Takes the literal from references that lead nowhere; what else they say stays.
  private static func reduce(
    _ value: JSONValue, _ lost: [Int: String?], into edits: inout ByteEdits
  ) {
    switch value.kind {
    case .array: for element in value.elements { reduce(element, lost, into: &edits) }
    case .object:
      if let text = value["reference"], text.kind == .string,
        let type = lost[text.node.content.lowerBound]
      {
        reduce(reference: value, text, to: type, into: &edits)
      }
      for (_, member) in value.members { reduce(member, lost, into: &edits) }
    default: return
    }
  }

  private static func reduce(
    reference: JSONValue, _ text: JSONValue, to type: String?, into edits: inout ByteEdits
  ) {
    let says = ["display", "identifier", "type"].contains { reference[$0] != nil }
    reference.removeMembers(into: &edits) { $0 == "_reference" || (says && $0 == "reference") }
    guard !says, let name = reference.nameIndex(of: "reference") else { return }
    // An element cannot be empty, so the type stands for what was referred to.
    let (member, value) = type.map { ("type", $0) } ?? ("display", "not part of this document")
    edits.replace(reference.storage.tape[name].range, with: JSONText.literal(member))
    edits.replace(text.range, with: JSONText.literal(value))
  }
}
