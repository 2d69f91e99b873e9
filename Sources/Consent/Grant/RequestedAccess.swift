import Primitives

/// What an access request names. A grant given in answer is narrowed to it: what a request did not
/// name is not given (minimum necessary, 45 CFR 164.514(d)(4)).
public struct RequestedAccess: Hashable, Sendable {
  public var types: RecordTypeSet
  public var labels: LabelSet
  public var purpose: PurposeOfUse
  public var actions: ActionSet
  public var period: TimeWindow
  public var records: TimeWindow

  public init(
    types: RecordTypeSet, labels: LabelSet = .ordinary, purpose: PurposeOfUse,
    actions: ActionSet, period: TimeWindow, records: TimeWindow = .always
  ) {
    self.types = types
    self.labels = labels
    self.purpose = purpose
    self.actions = actions
    self.period = period
    self.records = records
  }

  /// The permission that grants exactly what is asked.
  public func permission(for grantee: Grantee) -> Permission {
    Permission(
      grantee: grantee, types: types, labels: labels, purposes: PurposeSet(purpose),
      actions: actions, period: period, records: records)
  }
}
