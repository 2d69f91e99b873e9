public import Primitives

extension Resource {
  /// Checks what the rest of the system relies on, and no more: the JSON types of a few elements and
  /// the syntax of references. What FHIR calls an error elsewhere is kept as it came.
  ///
  /// - Throws: the first of `structureErrors`.
  ///
  /// `references: false` leaves out the syntax of references, for callers that go on to resolve them
  /// and find a faulty one then.
  public func checkStructure(references: Bool = true) throws(PeerChartError) {
    var check = StructureCheck(limit: 1)
    check.check(self, references: references)
    if let first = check.errors.first { throw first }
  }

  /// Everything that `checkStructure` refuses, at most `limit` of it, as `invalid` with its place.
  public func structureErrors(limit: Int = 100) -> [PeerChartError] {
    var check = StructureCheck(limit: limit)
    check.check(self)
    return check.errors
  }

  /// What FHIR forbids but does no harm here: empty objects, arrays and strings (R4 2.6.2). Warnings
  /// only; nothing is altered.
  public func structureWarnings(limit: Int = 100) -> [PeerChartError] {
    var warnings: [PeerChartError] = []
    var index = root.index
    while index < root.node.next, warnings.count < limit {
      let value = JSONValue(storage: root.storage, index: index)
      let node = value.node
      let isEmpty =
        switch node.kind {
        case .object, .array: node.count == 0
        case .string: node.content.isEmpty
        default: false
        }
      if isEmpty {
        warnings.append(
          PeerChartError(.invalid, "FHIR has no empty elements", place: value.pointer))
      }
      index += 1
    }
    return warnings
  }
}
