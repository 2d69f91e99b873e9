import Consent
public import Identity
public import Primitives

/// A session as kept, under its account and the hash of its token.
struct SessionRecord: Codable, Sendable {
  var id: String
  /// The generation of the account that it was made in.
  var generation: Int64
  var authentication: Authentication
  var createdAt: Int64
  /// In which capacity the person acts, as `Capacity` writes it.
  var capacity: String?
  /// What the browser says it is, shortened, and where from: for the list of sessions.
  var device: String?
  var address: String?
}

/// When a session was last used. It changes all the time and decides about nothing that is not over soon,
/// so it is not in the log.
struct SessionActivity: Codable, Sendable {
  var at: Int64
}

/// Where a request to sign in comes from.
public struct SignInOrigin: Sendable {
  public var networkAddress: String?
  /// `User-Agent`, shortened.
  public var device: String?
  /// The cookie of a browser that has signed in before.
  public var deviceTicket: Redacted<String>?
  public var requestID: String

  public init(
    networkAddress: String?, device: String? = nil, deviceTicket: Redacted<String>? = nil,
    requestID: String
  ) {
    self.networkAddress = networkAddress
    self.device = device.map { String($0.prefix(160)) }
    self.deviceTicket = deviceTicket
    self.requestID = requestID
  }
}

/// A session that has just begun: what the browser is to keep.
public struct NewSession: Sendable {
  public let token: SessionToken
  /// Shown with later attempts to sign in, so that strangers' attempts do not slow this browser down.
  public let deviceTicket: Redacted<String>
  /// Whether two factors were shown. With one alone nothing can be done but to set up the second.
  public let isMultiFactor: Bool
}

/// What comes next when somebody signs in.
public enum SignInStep: Sendable {
  case complete(NewSession)
  /// The password was right. The ticket is to come back with a code of the authenticator app, a recovery
  /// code, or a passkey.
  case secondFactor(ticket: Redacted<String>, hasPasskey: Bool, hasOneTimeCodes: Bool)
}

/// Whoever is signed in with a session.
public struct SignedIn: Sendable {
  public let account: AccountID
  public let name: Redacted<String>
  public let login: Redacted<String>
  public let language: String?
  public let token: SessionToken
  public let session: String
  public let authentication: Authentication
  /// What the account can act as, oneself first.
  public let capacities: [Capacity]
  public let capacity: Capacity?
  /// Nil as long as one factor only was shown, and for an account that can act as nobody.
  public let caller: Caller?
  public let hasOneTimeCodes: Bool
  public let passkeys: [PasskeySummary]
  public let certificates: [CertificateSummary]
  /// Whether the person has said that they have been trained.
  public let isTrained: Bool
  /// When the session ends whatever happens.
  public let endsAt: Instant
  /// For whom the person acts, or may come to act in an emergency.
  public let proxies: [ProxySummary]
}

/// Somebody for whom a person acts, as that person sees it.
public struct ProxySummary: Sendable {
  public let patient: String
  public let relationship: RelationshipKind
  /// When it ends by itself: for a parent, when the child comes of age.
  public let until: Instant?
  /// The record types that it is about; nil for all.
  public let recordTypes: [String]?
  /// Who named the person, in that one's own words.
  public let namedBy: Redacted<String>?
  /// Whether it can be acted in now: one for emergencies only while there is one.
  public let isActive: Bool
}

/// A passkey as its owner sees it.
public struct PasskeySummary: Sendable, Encodable {
  /// base64url of the credential id.
  public let id: String
  public let name: String
  public let created: String
  public let isBackedUp: Bool
}

/// A session as its owner sees it.
public struct SessionSummary: Sendable, Encodable {
  public let id: String
  public let device: String?
  public let address: String?
  public let began: String
  public let lastUsed: String?
  public let isThisOne: Bool
}
