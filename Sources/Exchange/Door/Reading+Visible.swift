import Consent
import FHIR
import Identity
import Primitives

extension Reading {
  /// A record as far as it is for the caller: nothing else may tell that it is there.
  ///
  /// - Parameters:
  ///   - permission: what a token's scopes must allow for records of its type.
  ///   - type: nil for any type.
  func visible(
    _ row: VersionRow, for action: ConsentAction, scope permission: Scope.Action,
    type: String? = nil
  ) throws -> FoundRecord? {
    let record: ClosedRecord
    do { record = try open(row) } catch let error as PeerChartError
      where error.code == .chartDestroyed
    { return nil }
    guard type == nil || record.type == type,
      try isInScope(record, permission),
      case .permit(let permits) = try decide(record, action: action)
    else { return nil }
    return FoundRecord(record: record, permits: permits, action: action)
  }
}
