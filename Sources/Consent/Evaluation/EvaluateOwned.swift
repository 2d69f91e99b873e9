public import FHIR
public import Primitives

/// Decides about what a caller of this node keeps here for itself and what is about no patient: its
/// subscriptions. They say what somebody watches, so they are nobody else's; others come to them by the
/// rules for charts, which open them to the node itself.
///
/// - Parameters:
///   - chart: the name of the caller's own chart, which no patient can have.
///   - record: what kind of record it is.
public func evaluateOwned(
  _ requester: Requester, chart: String, record: (type: RecordType, labels: LabelSet),
  action: ConsentAction, purpose: PurposeOfUse, time: Instant
) -> Decision {
  let isAllowed =
    switch action {
    case .read, .search, .write: requester.isOwnNode
    case .export, .redisclose: false
    }
  guard isAllowed else { return .deny([Reason(.noGrant)]) }
  return .permit(
    Permit(
      patient: chart, recordType: record.type, labels: record.labels.asRecord, action: action,
      purpose: purpose, time: time, basis: Permit.Basis(.chartOwner), overridesDenial: false))
}
