/// What a grant gives: a request must fit every dimension.
public struct Permission: Hashable, Sendable {
  public var grantee: Grantee
  public var types: RecordTypeSet
  /// Sensitive labels must be named one by one; `ordinary` stands for records without a label.
  public var labels: LabelSet
  public var purposes: PurposeSet
  public var actions: ActionSet
  /// When the permission holds.
  public var period: TimeWindow
  /// Only records dated within it.
  public var records: TimeWindow

  public init(
    grantee: Grantee, types: RecordTypeSet, labels: LabelSet = .ordinary, purposes: PurposeSet,
    actions: ActionSet, period: TimeWindow, records: TimeWindow = .always
  ) {
    self.grantee = grantee
    self.types = types
    self.labels = labels
    self.purposes = purposes
    self.actions = actions
    self.period = period
    self.records = records
  }

  /// Whether nothing can ever fit it.
  public var isEmpty: Bool {
    types.isEmpty || labels.isEmpty || purposes.isEmpty || actions.isEmpty || period.isEmpty
      || records.isEmpty
  }

  /// What is left when no more is given than was asked for (minimum necessary, 45 CFR 164.502(b));
  /// nil when nothing is.
  public func narrowed(to request: RequestedAccess) -> Permission? {
    var result = self
    result.types.formIntersection(request.types)
    result.labels.formIntersection(request.labels)
    result.purposes.formIntersection(PurposeSet(request.purpose))
    result.actions.formIntersection(request.actions)
    result.period = period.intersection(request.period)
    result.records = records.intersection(request.records)
    return result.isEmpty ? nil : result
  }
}
