import Consent
public import FHIR
import Identity
import Primitives

extension Exchange {
  /// More records than this are not gone through for their labels.
  private static var mostLabelled: Int { 10_000 }

  /// The profiles, tags and security labels in use among the records that are open to the caller
  /// (R4 `$meta` of a type or of everything).
  ///
  /// - Parameter type: nil for every type.
  /// - Throws: `tooCostly` where there are too many records to look at.
  public func meta(_ type: String?, as caller: Caller) async throws -> MetaUnion {
    if let type { try caller.requireScope(.search, type) }
    let types = type.map { [$0] } ?? ResourceType.names.sorted()
    let queries = types.map { SearchQuery(type: $0, conditions: []) }
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard caller.purpose != nil else {
        return try refusal(
          reading, .request(patient: nil, [Reason(.purposeMismatch)]), action: .search)
      }
      let view = SearchView(reading)
      var union = MetaUnion()
      var shown: [FoundRecord] = []
      for query in queries {
        var rows = view.rows(of: try view.plan(query).candidates(in: snapshot))
        while let (_, row) = try rows.next() {
          guard let found = try view.record(row, of: query.resourceType) else { continue }
          guard shown.count < Self.mostLabelled else {
            throw PeerChartError(
              .tooCostly, "there are too many records to go through; ask for one type or record")
          }
          union.add(try found.resource())
          shown.append(found)
        }
      }
      var passage = Passage(outcome: .success(union))
      try passage.disclose(shown, asked: "\(type ?? "")$meta", of: nil, .search, reading)
      return passage
    }
  }
}
