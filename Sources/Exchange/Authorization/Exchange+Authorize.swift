import Audit
import Consent
import Foundation
public import Identity
public import Primitives

/// A request of an app that waits for a person to decide.
public struct AuthorizationPrompt: Sendable {
  public let clientID: String
  /// What the app calls itself. Nobody has checked that.
  public let clientName: String
  /// Where the answer goes: what a careful person looks at.
  public let destination: String
  public let phrases: [ScopePhrase]
  /// The capacities in which the person could let it in, and one of them has to be chosen where the app
  /// asks for one patient.
  public let capacities: [Capacity]
  public let needsPatient: Bool
  /// Comes back with the decision.
  public let ticket: Redacted<String>
}

/// What a request comes to.
public enum AuthorizationStep: Sendable {
  /// Nobody is signed in, or not lately enough. The ticket brings the request back.
  case signIn
  case decide(AuthorizationPrompt)
}

extension Exchange {
  /// Takes a request that an app pushes (RFC 9126).
  ///
  /// - Throws: `OAuthError`.
  public func pushRequest(
    _ parameters: FormParameters, hasAuthorizationHeader: Bool, holder: TokenHolder? = nil,
    at server: ServerMetadata
  ) async throws -> PushedRequestResponse {
    let nonces = DPoPNonces(try await signingKeys())
    let proof = try holder.flatMap {
      try self.proof($0, accessToken: nil, nonces: nonces, at: clock.now())
    }
    let authentication = try ClientAuthentication(
      parameters, hasAuthorizationHeader: hasAuthorizationHeader)
    let client = try await authenticate(
      authentication, certificate: holder?.certificate, at: server
    ).client
    try await use(proof)
    let request = try AuthorizationRequest(
      parameters, client: client, audiences: server.audiences
    ).bound(to: proof)
    let reference = OpaqueSecret(.pushedRequest, random: random)
    let row = PushedRequest(
      request: request,
      expiresAt: clock.now().adding(seconds: TokenLifetime.pushedRequest)
        .millisecondsSinceEpoch)
    let sealed = try sealedItem(.pushedRequest, reference.digest, row)
    try await store.write { try $0.putItem(.pushedRequest, key: reference.digest, sealed: sealed) }
    return PushedRequestResponse(reference: reference)
  }

  /// Looks at a request that a browser brings (RFC 6749 section 4.1.1).
  ///
  /// - Parameter visitor: whoever is signed in; nil for nobody.
  /// - Throws: `OAuthError`, with a target where the browser may be sent back to the app.
  public func authorize(
    _ parameters: FormParameters, visitor: SignedIn?, at server: ServerMetadata
  ) async throws -> AuthorizationStep {
    let now = clock.now()
    let entry = try AuthorizationEntry(parameters)
    let (client, request) = try await readOAuth { [self] snapshot in
      let client = try registered(entry.clientID, in: snapshot).client
      try client.require(.authorizationCode)
      try client.require(entry.form)
      switch entry.form {
      case .direct(let parameters):
        return (
          client,
          try AuthorizationRequest(parameters, client: client, audiences: server.audiences)
        )
      case .pushed(let secret):
        let row: PushedRequest? = try item(.pushedRequest, secret.digest, in: snapshot)
        guard let row, now.millisecondsSinceEpoch < row.expiresAt, row.request.clientID == client.id
        else { throw OAuthError(.invalidRequestURI, "request_uri is not known, or not any more") }
        return (client, row.request)
      }
    }
    guard let visitor, visitor.caller != nil,
      !request.needsSignIn(
        since: Instant(millisecondsSinceEpoch: visitor.authentication.at), at: now)
    else {
      guard !request.prompts.contains(.none) else {
        throw OAuthError(.loginRequired, "nobody is signed in", target: request.target)
      }
      return .signIn
    }
    guard !request.prompts.contains(.none) else {
      throw OAuthError(.consentRequired, "the person has to decide", target: request.target)
    }
    let launch = try await launch(of: request, visitor)
    let needsPatient = request.scope.needsPatient && launch == nil
    let capacities =
      launch.map { launch in
        // Out of a session an app goes on as whoever opened it.
        visitor.capacities.filter { $0 == launch.capacity }
      } ?? visitor.capacities.filter { !needsPatient || $0.patient != nil }
    guard let first = capacities.first else {
      throw OAuthError(.accessDenied, "there is no chart to choose", target: request.target)
    }
    let scope = try request.scope.offered(to: launch?.capacity ?? (needsPatient ? first : nil))
    guard !scope.isEmpty else {
      throw OAuthError(
        .invalidScope, "none of the scopes can be granted here", target: request.target)
    }
    return .decide(
      AuthorizationPrompt(
        clientID: client.id, clientName: client.metadata.name ?? client.id,
        destination: request.target.redirectURI, phrases: scope.phrases,
        capacities: capacities, needsPatient: needsPatient,
        ticket: try issue(
          .authorization, seconds: sessions.secondFactor, account: visitor.account,
          content: Array(try JSONEncoder().encode(request)))))
  }

  /// What the person decided. What was not asked for is not given, whatever the decision says.
  ///
  /// - Parameters:
  ///   - chosen: the scopes that were left standing; nil for a refusal.
  ///   - capacity: as whom, and so about whose chart.
  /// - Returns: where to send the browser.
  /// - Throws: `OAuthError`; `unauthenticated` for a decision that took too long.
  public func decide(
    _ ticket: Redacted<String>, chosen: [String]?, as capacity: Capacity, _ visitor: SignedIn,
    at server: ServerMetadata, from origin: SignInOrigin
  ) async throws -> String {
    let ticket = try open(ticket, .authorization)
    guard ticket.account == visitor.account, let content = ticket.content, visitor.caller != nil
    else { throw Self.noSession }
    let request = try JSONDecoder().decode(AuthorizationRequest.self, from: content)
    guard let chosen else {
      return OAuthError(.accessDenied, "the person refused").location(
        to: request.target, issuer: server.issuer)
    }
    let launch = try await launch(of: request, visitor)
    let scope = try request.scope.offered(to: capacity).narrowed(
      to: SMARTScopes(granted: chosen.joined(separator: " ")))
    guard !scope.isEmpty, visitor.capacities.contains(capacity),
      launch.map({ $0.capacity == capacity })
        ?? (capacity.patient != nil || !request.scope.needsPatient)
    else {
      return OAuthError(.accessDenied, "nothing was granted").location(
        to: request.target, issuer: server.issuer)
    }
    let code = OpaqueSecret(.authorizationCode, random: random)
    let id = AppGrantID(of: visitor.account.bytes, random: random)
    let patient = launch?.patient ?? capacity.patient
    try await pass { [self] snapshot in
      let now = clock.now()
      guard
        let (record, account) = try session(
          Self.sessionKey(visitor.token), visitor.account, in: snapshot)
      else { throw Self.noSession }
      let client = try registered(request.clientID, in: snapshot).client
      let isOffline = scope.contains(.offlineAccess)
      let lifetime = isOffline ? TokenLifetime.refreshAbsolute : sessions.absolute
      let standing = AccountStanding(
        account: account.id, capacity: capacity, authentication: record.authentication)
      let grant = AppGrantRecord(
        client: client.id, clientName: client.metadata.name ?? client.id, standing: standing,
        generation: account.generation, scope: scope, patient: patient,
        createdAt: now.millisecondsSinceEpoch,
        expiresAt: now.adding(seconds: lifetime).millisecondsSinceEpoch,
        session: isOffline ? nil : Data(Self.sessionKey(visitor.token)))
      let stored = try AuthorizationCode(
        request: request, scope: scope, grant: id.text, subject: account.id.description,
        authentication: AuthenticationContext(record.authentication), patient: patient,
        fhirUser: standing.fhirUser(at: server), at: now)
      var draft = EventDraft(kind: .tokenIssued)
      draft.patient = patient
      draft.detail = ["client": client.id, "grant": id.text, "scope": scope.description]
      var passage = Passage(outcome: .success(()))
      passage.change(try keeping(.appGrant, id.key, grant), &draft)
      let sealed = try sealedItem(.authorizationCode, code.digest, stored)
      passage.also { try $0.putItem(.authorizationCode, key: code.digest, sealed: sealed) }
      try spend(ticket, &passage, in: snapshot)
      if let digest = request.launch { try spend(launch: digest, &passage, in: snapshot) }
      let slot = try patient.flatMap { try snapshot.chart(tag: keys.chartTag($0))?.slot }
      passage.entries = [
        try entry(draft, person(account, record, origin), at: now, slot: slot)
      ]
      return passage
    }
    return request.target.location(code: code, issuer: server.issuer)
  }
}

/// A request that waits for the browser that brings its reference.
struct PushedRequest: Codable {
  var request: AuthorizationRequest
  var expiresAt: Int64
}

extension OAuthError {
  fileprivate func location(to target: AuthorizationTarget, issuer: String) -> String {
    target.location(error: self, issuer: issuer)
  }
}

extension SMARTScopes {
  /// Whether they are about one patient, who is to be chosen.
  fileprivate var needsPatient: Bool {
    contains(.launchPatient) || resources.scopes.contains { $0.context == .patient }
  }
}

extension AccountStanding {
  /// The person as a FHIR resource, for one who is the patient: the node keeps none of anybody else.
  func fhirUser(at server: ServerMetadata) -> String? {
    guard let capacity = Capacity(capacity), capacity.role == .patient else { return nil }
    return capacity.patient.map { "\(server.fhirBase)/Patient/\($0)" }
  }
}

extension ServerMetadata {
  /// What apps name as their audience: the FHIR API, and some write a slash behind it.
  var audiences: [String] { [fhirBase, fhirBase + "/"] }
}

extension AuthenticationContext {
  init(_ authentication: Authentication) {
    self.init(
      time: Instant(millisecondsSinceEpoch: authentication.at), level: nil,
      methods: authentication.references)
  }
}
