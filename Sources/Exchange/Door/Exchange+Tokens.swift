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

extension Exchange {
  /// Issues a bearer token. It is returned once and stored as a hash only.
  public func issueToken(_ request: TokenRequest, as caller: Caller) async throws -> String {
    guard caller.identity == .nodeOperator else {
      throw PeerChartError(.forbidden, "only the node's operator issues tokens here")
    }
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
    let sealed = try sealedItem(.token, key, record)
    var draft = EventDraft(kind: .tokenIssued)
    draft.detail = ["token": record.id, "scope": record.scope, "role": record.role]
    let entry = try entry(draft, caller, at: now)
    return try await pass { _ in
      Passage(outcome: .success(token.text.exposed), entries: [entry]) {
        try $0.putItem(.token, key: key, sealed: sealed)
      }
    }
  }

  /// Recognises the bearer of a token.
  ///
  /// - Parameter purpose: the purpose of use that the request names; nil for the token's own.
  /// - Throws: `unauthenticated` for a token that is unknown, expired or malformed, all in the same words.
  public func authenticate(
    bearer token: String, purpose: String?, networkAddress: String?, requestID: String
  ) async throws -> Caller {
    let refusal = PeerChartError(.unauthenticated, "this bearer token is not valid here")
    guard let token = BearerToken(token) else { throw refusal }
    let key = token.digest
    let record: TokenRecord? = try await store.read { [self] in try item(.token, key, in: $0) }
    guard let record, clock.now().millisecondsSinceEpoch < record.expiresAt,
      let role = Role(rawValue: record.role)
    else { throw refusal }
    return Caller(
      identity: .token(id: record.id), name: record.name, role: role,
      scopes: try ScopeSet(parsing: record.scope),
      purpose: try Self.purpose(purpose) ?? PurposeOfUse(rawValue: record.purpose),
      patients: Set(record.treats),
      person: PartyIdentifier(system: "urn:peerchart:token", value: record.id),
      networkAddress: networkAddress, requestID: requestID)
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
