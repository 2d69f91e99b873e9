import Audit
import Consent
import Crypto
public import Identity
import Primitives
import Vault

/// A smart card as its owner sees it.
public struct CertificateSummary: Sendable, Encodable {
  /// SHA-256 over the public key, in hexadecimal.
  public let id: String
  /// The principal or mail address that the card bears, else its subject.
  public let name: String
  public let issuer: String
  public let expires: String

  init(_ credential: CertificateCredential) {
    id = Hex.encode(credential.keyDigest)
    name = credential.principalName ?? credential.emailAddress ?? credential.subject
    issuer = credential.issuer
    expires = credential.validUntil.description
  }
}

extension Exchange {
  private static var certificateLimit: Int { 8 }

  private static var unknownCertificate: PeerChartError {
    PeerChartError(.unauthenticated, "this card is not known here")
  }

  /// Signs in with the certificate that the browser showed in the TLS handshake: of a smart card, which
  /// asked for its PIN. Two factors in one.
  ///
  /// - Parameters:
  ///   - certificate: in DER; nil where none was shown.
  ///   - session: the session of somebody who shows it again; nil for a new one.
  /// - Throws: `unauthenticated`; `too-many-requests`.
  public func signIn(
    certificate: [UInt8]?, again session: SessionToken? = nil, from origin: SignInOrigin
  ) async throws -> NewSession {
    let tries = [Try.address(origin.networkAddress)]
    try await count(tries)
    var known: AccountID?
    do {
      let credential = try await credential(certificate)
      let id: AccountID? = try await store.read { [self] snapshot in
        try item(.certificateOwner, ownerKey(credential), in: snapshot)
      }
      known = id
      guard let id, session.map({ $0.account == id }) ?? true else {
        throw Self.unknownCertificate
      }
      return try await begin(
        id, [.smartCard], forgiving: tries, replacing: session, origin
      ) { account, _, _, _ in
        let cards = account.certificates ?? []
        guard let index = cards.firstIndex(where: { $0.matches(credential) }) else {
          throw Self.unknownCertificate
        }
        // A card may be renewed: what is shown of it is that of the last time.
        account.certificates?[index] = credential
      }
    } catch let error as PeerChartError where error.code == .unauthenticated {
      let account = try await store.read { [self, known] snapshot in
        try known.flatMap { try self.account($0, in: snapshot) }
      }
      try await refuse(account, "certificate", origin)
      throw Self.unknownCertificate
    }
  }

  /// Adds the certificate that the browser of whoever is signed in has shown.
  ///
  /// - Throws: `unauthenticated` for one that leads to no trusted authority; `conflict` for one that is
  ///   known; `step-up-required` to somebody who has a second factor and has not shown it lately.
  public func addCertificate(
    _ certificate: [UInt8]?, _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws -> NewSession {
    let credential = try await credential(certificate)
    let key = ownerKey(credential)
    return try await begin(
      signedIn.account, [.smartCard], forgiving: [], replacing: signedIn.token, origin
    ) { [self] account, passage, snapshot, now in
      try requireFreshFactor(account, signedIn, at: now)
      let cards = account.certificates ?? []
      guard cards.count < Self.certificateLimit else {
        throw PeerChartError(
          .invalid, "an account has at most \(Self.certificateLimit) cards; remove one first")
      }
      let owner: AccountID? = try item(.certificateOwner, key, in: snapshot)
      let owned = try owner.flatMap { try self.account($0, in: snapshot)?.certificates } ?? []
      guard !owned.contains(where: { $0.matches(credential) }) else {
        throw PeerChartError(.conflict, "this card is known already")
      }
      account.certificates = cards + [credential]
      let change = try keeping(.certificateOwner, key, account.id, after: snapshot)
      passage.also { try change.apply($0) }
    }
  }

  /// Removes a card, unless it is the last second factor.
  ///
  /// - Parameter id: of its summary.
  /// - Throws: `not-found`, `conflict`, `step-up-required`.
  public func removeCertificate(
    _ id: String, _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws {
    try await changeFactors(signedIn, origin, "certificate-removed") { account in
      let kept = (account.certificates ?? []).filter { Hex.encode($0.keyDigest) != id }
      guard kept.count < account.certificates?.count ?? 0 else {
        throw PeerChartError(.notFound, "there is no such card")
      }
      guard
        !kept.isEmpty || !account.passkeys.isEmpty
          || account.oneTimeCodes != nil && account.password != nil
      else {
        throw PeerChartError(.conflict, "this is the only way to sign in; add another first")
      }
      account.certificates = kept
    }
    if let digest = Hex.decode(id) {
      // The account says which cards are its own; this only leads to it.
      try await store.write { [self] in
        try $0.deleteItem(.certificateOwner, key: ownerKey(digest))
      }
    }
  }

  private func credential(_ certificate: [UInt8]?) async throws -> CertificateCredential {
    let anchors = try await anchorCertificates(.people)
    guard let certificate, !anchors.isEmpty else { throw Self.unknownCertificate }
    return try await CertificateSignIn.check(
      chain: [certificate], anchors: anchors, at: clock.now())
  }

  /// Whether cards are of any use here.
  public func takesCertificates() async throws -> Bool {
    try await store.read { snapshot in
      let prefix = Array(AnchorPurpose.people.rawValue.utf8)
      return try !snapshot.items(.trustAnchor, prefix: prefix, after: nil, limit: 1).isEmpty
    }
  }

  private func ownerKey(_ credential: CertificateCredential) -> [UInt8] {
    ownerKey(credential.keyDigest)
  }

  /// A public key is known to many: the digest of one is kept as a keyed hash.
  private func ownerKey(_ digest: [UInt8]) -> [UInt8] {
    keys.index.recordKey(type: "certificate", id: Hex.encode(digest))
  }
}
