import Audit
public import Consent
import Crypto
public import Identity
import Primitives

/// What a bearer token was issued for. Kept sealed under the token's hash; the token itself is kept
/// nowhere.
struct TokenRecord: Codable, Sendable {
  var id: String
  var scope: String
  var role: String
  var name: String
  var purpose: String
  var treats: [String]
  var issuedAt: Int64
  var expiresAt: Int64
}

/// What a new bearer token is to allow.
public struct TokenRequest: Sendable {
  public var scope: ScopeSet
  public var role: Role
  public var name: String
  /// The purpose of use of requests that name none.
  public var purpose: PurposeOfUse
  /// Patients whom the bearer treats: the treatment relationship that the role table asks for.
  public var treats: [String]
  /// How long it is good, in seconds.
  public var lifetime: Int64

  public init(
    scope: ScopeSet, role: Role, name: String, purpose: PurposeOfUse, treats: [String],
    lifetime: Int64
  ) {
    self.scope = scope
    self.role = role
    self.name = name
    self.purpose = purpose
    self.treats = treats
    self.lifetime = lifetime
  }
}

/// A bearer token as people and programs see it.
public struct TokenSummary: Sendable, Encodable {
  public let id: String
  public let name: String
  public let role: String
  public let scope: String
  public let purpose: String
  public let treats: [String]
  public let issued: String
  public let expires: String
  /// `active` or `expired`.
  public let status: String

  init(_ record: TokenRecord, at time: Instant) {
    id = record.id
    name = record.name
    role = record.role
    scope = record.scope
    purpose = record.purpose
    treats = record.treats
    issued = Instant(millisecondsSinceEpoch: record.issuedAt).description
    expires = Instant(millisecondsSinceEpoch: record.expiresAt).description
    status = time.millisecondsSinceEpoch < record.expiresAt ? "active" : "expired"
  }
}

extension Exchange {
  /// Issues a bearer token. It is returned once and stored as a hash only.
  public func issueToken(_ request: TokenRequest, as caller: Caller) async throws -> String {
    try require(.manageClients, caller)
    guard request.lifetime > 0 else {
      throw PeerChartError(.invalid, "a token's lifetime must be longer than nothing")
    }
    let token = BearerToken(random: random)
    let now = clock.now()
    let record = TokenRecord(
      id: newID(), scope: request.scope.description, role: request.role.rawValue,
      name: request.name, purpose: request.purpose.rawValue, treats: request.treats,
      issuedAt: now.millisecondsSinceEpoch,
      expiresAt: now.adding(seconds: request.lifetime).millisecondsSinceEpoch)
    let key = token.digest
    var draft = EventDraft(kind: .tokenIssued)
    draft.detail = ["token": record.id, "scope": record.scope, "role": record.role]
    var passage = Passage(outcome: .success(token.text.exposed))
    passage.change(try keeping(.token, key, record), &draft)
    passage.entries = [try entry(draft, caller, at: now)]
    return try await pass { [passage] _ in passage }
  }

  /// The bearer tokens that were issued and not revoked, those that have expired as well, the newest
  /// first. The tokens themselves are kept nowhere.
  public func tokens(as caller: Caller) async throws -> [TokenSummary] {
    try require(.manageClients, caller)
    let now = clock.now()
    return try await store.read { [self] snapshot in
      try items(.token, as: TokenRecord.self, in: snapshot).map(\.value)
        .sorted { ($1.issuedAt, $0.id) < ($0.issuedAt, $1.id) }
        .map { TokenSummary($0, at: now) }
    }
  }

  /// Ends a token. The next request that shows it is refused, on every instance.
  ///
  /// - Parameter id: the token's id, never the token.
  /// - Throws: `not-found` for what was never issued here, or was revoked before.
  public func revokeToken(_ id: String, as caller: Caller) async throws {
    try require(.manageClients, caller)
    try await pass { [self] snapshot in
      guard
        let (key, record) = try items(.token, as: TokenRecord.self, in: snapshot)
          .first(where: { $0.value.id == id })
      else {
        throw PeerChartError(.notFound, "there is no token of that id; `token list` shows them")
      }
      var draft = EventDraft(kind: .tokenRevoked)
      draft.detail = ["token": record.id, "scope": record.scope, "role": record.role]
      var passage = Passage(outcome: .success(()))
      passage.change(ItemChange(kind: .token, key: key, sealed: nil), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// Recognises the bearer of a token.
  ///
  /// - Parameters:
  ///   - purpose: the purpose of use that the request names; nil for the token's own.
  ///   - baseURL: the address of the FHIR API as the bearer knows it.
  /// - Throws: `unauthenticated` for a token that is unknown, expired or malformed, all in the same words.
  public func authenticate(
    bearer token: String, purpose: String?, networkAddress: String?, requestID: String,
    baseURL: String? = nil
  ) async throws -> Caller {
    let refusal = PeerChartError(.unauthenticated, "this bearer token is not valid here")
    guard let token = BearerToken(token) else { throw refusal }
    let key = token.digest
    let known = try await store.read { [self] snapshot in try recognized(key, in: snapshot) }
    guard let known,
      let caller = try bearer(
        of: known, purpose: Self.purpose(purpose), networkAddress: networkAddress,
        requestID: requestID, baseURL: baseURL)
    else { throw refusal }
    return try await admitted(caller)
  }

  /// The token that is kept under a hash.
  func recognized(_ key: [UInt8], in snapshot: any StoreSnapshot) throws -> RecognizedToken? {
    try snapshot.item(.token, key: key).flatMap { sealed in
      try recognizedTokens.token(key, sealed: sealed) { try decode(sealed, .token, key) }
    }
  }

  /// Whoever holds a token, now; nil once it has expired.
  func bearer(
    of known: RecognizedToken, purpose: PurposeOfUse?, networkAddress: String?, requestID: String,
    baseURL: String?
  ) throws -> Caller? {
    let record = known.record
    guard clock.now().millisecondsSinceEpoch < record.expiresAt else { return nil }
    return Caller(
      identity: .token(id: record.id), name: record.name, role: known.role, scopes: known.scopes,
      purpose: purpose ?? PurposeOfUse(rawValue: record.purpose),
      patients: Set(record.treats),
      person: PartyIdentifier(system: "urn:peerchart:token", value: record.id),
      networkAddress: networkAddress, requestID: requestID, baseURL: baseURL)
  }

  static func purpose(_ code: String?) throws -> PurposeOfUse? {
    guard let code else { return nil }
    guard let purpose = PurposeOfUse(rawValue: code) else {
      throw PeerChartError(
        .invalid, "this is not a purpose of use (HL7 v3 PurposeOfUse)", place: "X-Purpose-Of-Use")
    }
    return purpose
  }

  /// Whoever runs the program on the data folder and could open its keys. Stands for the node itself:
  /// in a household for its owner, in an organization for the custodian of its records.
  public func nodeOperator(purpose: PurposeOfUse = .systemAdministration) -> Caller {
    Caller(
      identity: .nodeOperator, name: "", role: .system, scopes: nil, purpose: purpose,
      networkAddress: nil, requestID: newID())
  }
}

extension Caller {
  /// - Throws: `forbidden` where the caller's token does not go that far.
  func requireScope(_ interaction: Scope.Action, _ type: String) throws {
    guard let scopes, !scopes.allows(type, interaction) else { return }
    throw PeerChartError(.forbidden, "the token's scope does not allow this")
  }
}
