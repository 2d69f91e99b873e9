/// What a patient forbids (45 CFR 164.522); it wins over every permission of whomever it binds.
public struct Denial: Hashable, Sendable {
  /// Whom it binds. Empty: the grantee of the permission it is nested in; in a pure denial everybody.
  public var grantees: [Grantee]
  /// nil: every record type.
  public var types: RecordTypeSet?
  /// nil: whatever the labels; else records with a label in common.
  public var labels: LabelSet?
  /// nil: every purpose. A named purpose denies its narrower ones too.
  public var purposes: PurposeSet?
  /// nil: every action.
  public var actions: ActionSet?
  public var period: TimeWindow
  /// Only records dated within it; a record without a date counts as within.
  public var records: TimeWindow

  public init(
    grantees: [Grantee] = [], types: RecordTypeSet? = nil, labels: LabelSet? = nil,
    purposes: PurposeSet? = nil, actions: ActionSet? = nil, period: TimeWindow = .always,
    records: TimeWindow = .always
  ) {
    self.grantees = grantees
    self.types = types
    self.labels = labels
    self.purposes = purposes
    self.actions = actions
    self.period = period
    self.records = records
  }

  /// A denial that names emergency treatment is obeyed even when the glass is broken.
  var namesEmergency: Bool { purposes.map { !$0.isDisjoint(with: .emergency) } ?? false }
}
