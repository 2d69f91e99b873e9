public import FHIR
public import Primitives

/// The proof that a release was decided. Only this module can make one, and nothing opens a sealed
/// record without it (its initialiser is the internal, synthesized one).
public struct Permit: Hashable, Sendable {
  /// What the decision rests on.
  public struct Basis: Hashable, Sendable {
    /// By which rule it was decided.
    public enum Rule: Hashable, Sendable {
      /// The patient or a proxy on the household's own node.
      case chartOwner
      /// The node's own integrations and backup.
      case nodeItself
      /// A row of the organization's permission table, by `RoleRule.id`.
      case role(String)
      case grant
      case legalBasis(LegalBasis)
      /// A break-glass session, by its id.
      case breakGlass(String)
      /// Data of the node that belongs to no patient.
      case sharedData
    }

    public let rule: Rule
    /// The grants to count a use of: the one relied on, then its parents.
    public let grants: [GrantID]

    init(_ rule: Rule, grants: [GrantID] = []) {
      self.rule = rule
      self.grants = grants
    }
  }

  /// nil: the node's shared data (`evaluateShared`).
  public let patient: String?
  public let recordType: RecordType
  /// The labels of the record that was asked for.
  public let labels: LabelSet
  public let action: ConsentAction
  public let purpose: PurposeOfUse
  public let time: Instant
  public let basis: Basis
  /// Whether a denial of the patient was overridden by law or emergency.
  public let overridesDenial: Bool

  /// Whether it is for a record of this kind. Whoever opens a sealed record asks again, with what
  /// the opened record turned out to be.
  public func covers(
    patient: String?, recordType: RecordType, labels: LabelSet, action: ConsentAction
  ) -> Bool {
    self.patient == patient && self.recordType == recordType && self.action == action
      && self.labels == labels.asRecord
  }
}
