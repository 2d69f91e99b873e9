public import Primitives

extension Resource {
  /// The resource with the identity that a server gives it (FHIR R4 3.1.0.1): only `id`,
  /// `meta.versionId` and `meta.lastUpdated` are replaced or, where missing, inserted; every other
  /// byte stays as it came.
  ///
  /// `references` are further edits, in the ranges of the document, for links that moved.
  public func withIdentity(
    id: String, versionId: String, lastUpdated: Instant, references: ByteEdits = ByteEdits()
  ) -> [UInt8] {
    var edits = references
    edits.append(identityEdits(id: id, versionId: versionId, lastUpdated: lastUpdated))
    return edits.applied(to: root.storage.bytes, within: root.range)
  }

  /// The resource with other edits only, such as those of its references.
  public func applying(_ edits: ByteEdits) -> [UInt8] {
    edits.isEmpty ? bytes : edits.applied(to: root.storage.bytes, within: root.range)
  }

  /// The resource without `id`, `meta.versionId` and `meta.lastUpdated`, and without a `meta` that
  /// has nothing else. Two versions of the same content give the same bytes, whatever the server
  /// inserted: this is what to compare for "nothing changed".
  public func removingIdentity() -> [UInt8] {
    var edits = ByteEdits()
    let meta = root["meta"]
    let hasOtherMeta = meta?.members.contains { !Self.isAssigned($0.name) } ?? false
    root.removeMembers(into: &edits) { $0 == "id" || ($0 == "meta" && !hasOtherMeta) }
    if hasOtherMeta { meta?.removeMembers(into: &edits, where: Self.isAssigned) }
    return edits.applied(to: root.storage.bytes, within: root.range)
  }

  private static func isAssigned(_ name: String) -> Bool {
    name == "versionId" || name == "lastUpdated"
  }

  /// The edits behind `withIdentity`.
  func identityEdits(id: String, versionId: String, lastUpdated: Instant) -> ByteEdits {
    var edits = ByteEdits()
    let spacing = root.memberSpacing
    // New members go where FHIR has them: id behind resourceType, meta behind id.
    let anchor = root["id"] ?? root["resourceType"] ?? root
    if let old = root["id"] {
      edits.replace(old.range, with: JSONText.literal(id))
    } else {
      edits.insert(spacing.member("id", JSONText.literal(id)), at: anchor.range.upperBound)
    }
    let assigned = [
      ("versionId", JSONText.literal(versionId)),
      ("lastUpdated", JSONText.literal(lastUpdated.description)),
    ]
    if let meta = root["meta"], meta.count > 0 {
      let metaSpacing = meta.memberSpacing
      for (name, literal) in assigned {
        if let old = meta[name] {
          edits.replace(old.range, with: literal)
        } else {
          edits.insert(metaSpacing.member(name, literal), at: meta.lastMemberEnd)
        }
      }
    } else {
      let literal = JSONTree.object(assigned.map { ($0.0, .raw($0.1)) }).serialized()
      if let meta = root["meta"] {
        edits.replace(meta.range, with: literal)
      } else {
        edits.insert(spacing.member("meta", literal), at: anchor.range.upperBound)
      }
    }
    return edits
  }
}
