public import Consent
public import Identity
public import Primitives

/// Who is asking: the first of the four steps. Only `Exchange` makes one, after it has checked.
public struct Caller: Sendable {
  /// How the caller was recognised.
  public enum Identity: Sendable, Equatable {
    /// Whoever runs the program on the data folder and holds the root key.
    case nodeOperator
    /// A bearer token, by its id (never the token itself).
    case token(id: String)
    /// A person with an account, signed in or behind a program that they let in.
    case account(AccountID)
    /// A service in its own right, by its client id.
    case client(String)
    /// Somebody who failed to sign in, for the log.
    case nobody
    /// A paired node that showed its pinned certificate.
    case peer(NodeID)
  }

  public let identity: Identity
  public let name: Redacted<String>
  public let role: Role
  /// What a token may do at all; nil for callers that no token limits.
  public let scopes: ScopeSet?
  /// The purpose of use the caller named. Nothing is released to a peer that names none.
  public let purpose: PurposeOfUse?
  /// The patients whom this caller is, acts for or treats: as stated when the token was issued, or as the
  /// capacity says in which an account acts. Whom an account treats is looked up with each chart instead.
  public let patients: Set<String>
  /// The record types that somebody who acts for the patient was named for; nil for all.
  private(set) var limits: RecordTypeSet?
  /// The person behind the request, as far as the caller named one.
  let person: PartyIdentifier?
  /// How a person with an account showed who they are.
  public let authentication: Authentication?
  /// The app that asks for the person, by its client id, and the grant that let it.
  private(set) var app: (client: String, grant: String)?
  /// The person on whose behalf a paired node says it asks. It is the node's word and opens nothing.
  private(set) var stated: StatedPerson?
  /// The one chart that the `patient/` scopes of an app are about which one of the staff opened; nil where
  /// the person's own capacity says it.
  private(set) var launchChart: String?
  public let networkAddress: String?
  public let requestID: String
  /// The address under which the caller reached the FHIR API, for what is sent to it later.
  let baseURL: String?

  init(
    identity: Identity, name: String, role: Role, scopes: ScopeSet?, purpose: PurposeOfUse?,
    patients: Set<String> = [], person: PartyIdentifier? = nil,
    authentication: Authentication? = nil, networkAddress: String?, requestID: String,
    baseURL: String? = nil
  ) {
    self.identity = identity
    self.name = Redacted(name)
    self.role = role
    self.scopes = scopes
    self.purpose = purpose
    self.patients = patients
    self.person = person
    self.authentication = authentication
    self.networkAddress = networkAddress
    self.requestID = requestID
    self.baseURL = baseURL
  }

  /// The same caller, behind an app.
  ///
  /// - Parameter chart: that of the patient for whom it was opened, where the caller is one of the staff.
  func through(client: String, grant: String, chart: String? = nil) -> Caller {
    var caller = self
    caller.app = (client, grant)
    caller.launchChart = chart
    return caller
  }

  /// The same caller, with the person that it names.
  func stating(_ person: StatedPerson?) -> Caller {
    var caller = self
    caller.stated = person
    return caller
  }

  /// The same caller, for records of some types only.
  func limited(to types: RecordTypeSet?) -> Caller {
    var caller = self
    caller.limits = types
    return caller
  }

  /// Whether the caller decides about a chart and sees its log: the patient, and whoever acts for them in
  /// everything.
  public func speaks(for patient: String) -> Bool {
    patients.contains(patient) && limits == nil
  }

  /// Whether the caller may learn that a record exists which it may not read. For everybody else
  /// "does not exist" and "not for you" are one answer.
  var seesAbsence: Bool {
    if case .peer = identity { return false }
    // Whoever is let in to some records of a type learns nothing of the others.
    return role == .system && scopes.map { $0.scopes.allSatisfy { $0.condition == nil } } ?? true
  }
}
