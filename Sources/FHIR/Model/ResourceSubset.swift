/// The part of a resource that was asked for with `_summary` or `_elements` (R4 3.1.1.5.8 and 3.1.1.5.9).
public enum ResourceSubset: Sendable, Equatable {
  /// What the definitions mark as summary.
  case summary
  /// The narrative and what a resource must have.
  case text
  /// All but the narrative.
  case data
  /// Elements of the resource by name, and what a resource must have.
  case elements([String])

  /// Nil where the whole is wanted.
  public init?(_ summary: SearchOptions.Summary?, elements: [String]) {
    switch summary {
    case .true: self = .summary
    case .text: self = .text
    case .data: self = .data
    case .count, .false, nil:
      guard !elements.isEmpty else { return nil }
      self = .elements(elements)
    }
  }

  /// Whether an element right below the resource stays. `nil` is an element that R4 does not have.
  fileprivate func keeps(_ element: StructureElement?, named name: String) -> Bool {
    if ["resourceType", "id", "meta"].contains(name) { return true }
    switch self {
    case .summary: return element.map { $0.isSummary || $0.isModifier } ?? false
    case .text: return name == "text" || element.map { $0.minimum > 0 } ?? false
    case .data: return name != "text"
    case .elements(let names):
      return names.contains(name)
        || element.map { names.contains($0.name) || $0.minimum > 0 || $0.isModifier } ?? false
    }
  }
}

extension Resource {
  /// The resource with only a part of its elements, tagged SUBSETTED so that nobody takes it for the
  /// whole. What stays, stays byte for byte.
  public func reduced(to subset: ResourceSubset) -> [UInt8] {
    guard let type = StructureTable.r4.resource(self.type) else { return bytes }
    var edits = ByteEdits()
    root.removeMembers(into: &edits) { name in
      let plain = name.hasPrefix("_") ? String(name.dropFirst()) : name
      return !subset.keeps(type.member(plain)?.element, named: plain)
    }
    if subset == .summary {
      for (name, value) in root.members {
        guard let member = type.member(name), subset.keeps(member.element, named: name) else {
          continue
        }
        Self.summarize(value, member.type, into: &edits)
      }
    }
    edits.append(subsettedTag)
    return edits.applied(to: root.storage.bytes, within: root.range)
  }

  /// Within backbone elements the definitions say again what belongs to a summary.
  private static func summarize(
    _ value: JSONValue, _ choice: StructureElement.TypeChoice, into edits: inout ByteEdits
  ) {
    guard let type = StructureTable.r4.type(choice.structure), type.kind == .backbone else {
      return
    }
    for element in value.kind == .array ? Array(value.elements) : [value] {
      let members = Array(element.members)
      let kept = members.filter { type.member($0.name)?.element.isSummary ?? false }
      // An object without members is not FHIR: rather the whole than that.
      guard !kept.isEmpty else { continue }
      element.removeMembers(into: &edits) { name in
        let plain = name.hasPrefix("_") ? String(name.dropFirst()) : name
        return !(type.member(plain)?.element.isSummary ?? false)
      }
      for (name, value) in kept {
        guard let member = type.member(name) else { continue }
        summarize(value, member.type, into: &edits)
      }
    }
  }

  private var subsettedTag: ByteEdits {
    var edits = ByteEdits()
    let tag: JSONTree = [
      "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED",
    ]
    guard let meta = root["meta"], meta.count > 0 else {
      let anchor = root["id"] ?? root["resourceType"] ?? root
      let literal = JSONTree.object([("tag", .array([tag]))]).serialized()
      if let meta = root["meta"] {
        edits.replace(meta.range, with: literal)
      } else {
        edits.insert(root.memberSpacing.member("meta", literal), at: anchor.range.upperBound)
      }
      return edits
    }
    if let tags = meta["tag"], tags.kind == .array, tags.count > 0 {
      edits.insert([0x2C] + tag.serialized(), at: tags.range.upperBound - 1)
    } else if meta["tag"] == nil {
      edits.insert(
        meta.memberSpacing.member("tag", JSONTree.array([tag]).serialized()), at: meta.lastMemberEnd
      )
    }
    return edits
  }
}
