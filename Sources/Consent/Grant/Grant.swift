public import Primitives

/// The name of a grant: the value of `Consent.identifier` in `urn:peerchart:grant`, under the signature.
public struct GrantID: Hashable, Sendable, CustomStringConvertible {
  public let value: String
  public init(_ value: String) { self.value = value }
  public var description: String { value }
}

/// One signed Consent: a permission with the denials nested in it, or one pure denial.
///
/// `SignedConsent.verify` makes it from bytes. Evaluation trusts its content: hand it only grants whose
/// signature was verified against the patient's (or, when delegated, the delegator's) key.
public struct Grant: Hashable, Sendable {
  /// What the grant says: a permission with its exceptions, or a denial alone.
  public enum Content: Hashable, Sendable {
    case permission(Permission, except: [Denial])
    case denial(Denial)
  }

  /// Whether it still holds.
  public enum Status: Hashable, Sendable { case active, revoked }

  /// The grantee of another grant who passes on what that grant gives.
  public struct Delegation: Hashable, Sendable {
    public let parent: GrantID
    public let delegator: Grantee
    public init(parent: GrantID, delegator: Grantee) {
      self.parent = parent
      self.delegator = delegator
    }
  }

  /// How many members a chain of delegations may have, the patient's own grant included.
  public static let maximumChainLength = 8

  let terms: GrantTerms
  public var status: Status

  public var id: GrantID { terms.id }
  /// The logical id of the Patient resource at the node that keeps the chart.
  public var patient: String { terms.patient }
  /// When it was given (`Consent.dateTime`).
  public var issued: Instant { terms.issued }
  /// SHA-256 of the raw Ed25519 public key that signed it, lower-case hexadecimal.
  public var grantorKey: String { terms.grantorKey }
  /// nil: given by the patient.
  public var delegation: Delegation? { terms.delegation }
  public var content: Content { terms.content }
  /// In how many requests it may be used; nil: without bound.
  public var maximumUses: Int? { terms.maximumUses }
  /// Whether the grantee may delegate.
  public var isDelegable: Bool { terms.isDelegable }

  public init(
    id: GrantID, patient: String, issued: Instant, grantorKey: String,
    delegation: Delegation? = nil, content: Content, maximumUses: Int? = nil,
    isDelegable: Bool = false, status: Status = .active
  ) {
    terms = GrantTerms(
      id: id, patient: patient, issued: issued, grantorKey: grantorKey, delegation: delegation,
      content: content, maximumUses: maximumUses, isDelegable: isDelegable)
    self.status = status
  }

  /// What it permits; nil for a pure denial.
  public var permission: Permission? {
    if case .permission(let permission, _) = content { permission } else { nil }
  }

  /// Its denials, nested or pure.
  public var denials: [Denial] { terms.denials }

  /// Whether its denials can be in force at `time` (each denial's own period still applies).
  func isInForce(at time: Instant) -> Bool {
    status == .active && (terms.reach?.period.contains(time) ?? true)
  }
}
