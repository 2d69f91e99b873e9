/// The Patient of a summary, which the IPS wants to have a name and a date of birth: where one is not
/// known, the document says so (data-absent-reason). The stored record stays as it is.
enum SummaryPatient {
  static func edits(_ patient: Resource) -> ByteEdits {
    let root = patient.root
    let spacing = root.memberSpacing
    var edits = ByteEdits()
    if let names = root["name"], names.count > 0 {
      for name in names.elements where name.count > 0 && isEmpty(name) {
        edits.insert(
          name.memberSpacing.member("_text", unknown.serialized()), at: name.lastMemberEnd)
      }
    } else if root["name"] == nil {
      let name = JSONTree.array([["_text": unknown]])
      edits.insert(spacing.member("name", name.serialized()), at: root.lastMemberEnd)
    }
    if root["birthDate"] == nil, root["_birthDate"] == nil {
      edits.insert(spacing.member("_birthDate", unknown.serialized()), at: root.lastMemberEnd)
    }
    return edits
  }

  /// Invariant ips-pat-1.
  private static func isEmpty(_ name: JSONValue) -> Bool {
    ["family", "given", "text", "_family", "_given", "_text"].allSatisfy { name[$0] == nil }
  }

  private static let unknown: JSONTree = [
    "extension": [
      [
        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown",
      ]
    ]
  ]
}
