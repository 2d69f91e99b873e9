import Consent
import FHIR
import Primitives

/// A record that fulfils a search and may be searched by the caller.
struct FoundRecord {
  let record: ClosedRecord
  let permits: [Permit]
}

extension Reading {
  /// More candidates than this are not looked through for a condition of a write.
  private static var mostCandidates: Int { 10_000 }

  /// What a search that must mean one record has found.
  struct OnlyMatch {
    let match: FoundRecord?
    let premise: SearchPremise
  }

  /// The one record that a search finds among what the caller may search; nothing if there is none.
  ///
  /// - Throws: `multipleMatches`, `tooCostly`.
  func onlyMatch(_ query: SearchQuery) throws -> OnlyMatch {
    let plan = try SearchPlan(query, self)
    var candidates = plan.candidates(after: nil)
    var positions: [IndexEntryPosition] = []
    var match: FoundRecord?
    while let position = try candidates.next() {
      guard positions.count < Self.mostCandidates else {
        throw PeerChartError(
          .tooCostly, "this condition would have to look through too many records; narrow it")
      }
      positions.append(position)
      guard let row = try snapshot.version(row: position.row) else { continue }
      let record: ClosedRecord
      do { record = try open(row) } catch let error as PeerChartError
        where error.code == .chartDestroyed
      { continue }
      guard record.type == query.resourceType, try record.matches(query),
        case .permit(let permits) = try decide(record, action: .search)
      else { continue }
      guard match == nil else {
        throw PeerChartError(
          .multipleMatches, "more than one \(query.resourceType) fulfils this condition")
      }
      match = FoundRecord(record: record, permits: permits)
    }
    return OnlyMatch(match: match, premise: plan.premise(positions))
  }
}
