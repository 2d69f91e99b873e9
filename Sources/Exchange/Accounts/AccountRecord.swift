public import Consent
import FHIR
import Identity
import Primitives

/// A person who signs in here: who it is, in which roles, and what shows that it is them.
struct AccountRecord: Codable, Sendable {
  let id: AccountID
  var login: String
  var name: String
  /// BCP 47, of the pages.
  var language: String?
  var email: String?
  /// Where mail goes, and whether it is wanted; nil as long as nothing was said.
  var mail: AccountMail?
  /// Closed by its owner: kept for the log's sake, without any way to sign in.
  var isClosed: Bool?
  /// The roles in the organization, as `Role` writes them.
  var staffRoles: [String] = []
  var isDisabled = false
  /// When the person said that they have been trained; nil: not yet.
  var trainedAt: Int64?
  /// Sessions and grants of programs name the generation they were made in: what ends them all is to
  /// begin another.
  var generation: Int64 = 1
  /// Milliseconds since 1970.
  var createdAt: Int64

  var password: PasswordHash?
  var oneTimeCodes: TOTPSecret?
  /// The time step of the last code that was used, which none before it may follow.
  var lastStep: Int64?
  var recoveryCodes: RecoveryCodes?
  var passkeys: [Passkey] = []
  /// Smart cards.
  var certificates: [CertificateCredential]?

  /// Whether there is a second factor, so that a password alone does not do.
  var hasSecondFactor: Bool {
    oneTimeCodes != nil || !passkeys.isEmpty || certificates?.isEmpty == false
  }
}

/// What ties an account to a patient, kept under both: `relationship` under the account, `chartPerson`
/// under the chart.
struct RelationshipRecord: Codable, Sendable {
  var patient: String
  var kind: RelationshipKind
  /// Milliseconds since 1970.
  var from: Int64
  /// When it ends by itself; nil: not.
  var until: Int64?
  /// The record types that it is about, as the patient has said; nil for all.
  var types: [String]?
  /// The name of whoever invited, as the person invited knows them.
  var namedBy: String?

  func holds(at time: Instant) -> Bool {
    let now = time.millisecondsSinceEpoch
    return from <= now && until.map { now < $0 } ?? true
  }

  /// What the person may see of the chart; nil for all of it.
  var limits: RecordTypeSet? {
    types.map { RecordTypeSet($0.compactMap(RecordType.init(rawValue:))) }
  }
}

/// How a person with an account stands to a patient.
public enum RelationshipKind: String, CaseIterable, Codable, Hashable, Sendable {
  case selfOfPatient = "self"
  /// Of a minor: ends when the patient comes of age.
  case parent
  /// Appointed by a court.
  case guardian
  /// Named by the patient.
  case caregiver
  /// Named by the patient for emergencies.
  case emergencyDelegate = "emergency-delegate"
  /// Of the staff that treats the patient.
  case treating

  /// The role in which the chart is used.
  var role: Role? {
    switch self {
    case .selfOfPatient: .patient
    case .parent, .guardian, .caregiver, .emergencyDelegate: .proxy
    case .treating: nil
    }
  }
}

/// In which role somebody with an account acts: as the patient, for a patient, or in a role of the staff.
public struct Capacity: Hashable, Sendable {
  public let role: Role
  /// Whose chart it is about; nil for the staff.
  public let patient: String?

  public init(role: Role, patient: String? = nil) {
    self.role = role
    self.patient = patient
  }
}

extension Capacity: CustomStringConvertible {
  /// `patient/ID`, `proxy/ID`, or the role alone.
  public var description: String { patient.map { "\(role.rawValue)/\($0)" } ?? role.rawValue }

  /// Reads what `description` writes.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1)
    guard let first = parts.first, let role = Role(rawValue: String(first)) else { return nil }
    let isPersonal = role == .patient || role == .proxy
    guard isPersonal == (parts.count == 2) else { return nil }
    self.init(role: role, patient: isPersonal ? String(parts[1]) : nil)
  }
}
