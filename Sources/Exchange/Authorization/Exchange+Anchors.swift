import Audit
import Consent
import Foundation
import Identity
import Primitives

/// For what an authority is trusted.
public enum AnchorPurpose: String, CaseIterable, Codable, Sendable {
  /// It names the programs of a trust community (UDAP, `tls_client_auth`).
  case programs
  /// It names people: on smart cards.
  case people
}

/// An authority as kept, under its purpose and its digest.
struct AnchorRecord: Codable, Sendable {
  var purpose: AnchorPurpose
  var der: Data

  static func key(_ purpose: AnchorPurpose, _ digest: [UInt8]) -> [UInt8] {
    Array(purpose.rawValue.utf8) + digest
  }
}

/// An authority that the operator trusts, as people and programs see it.
public struct AnchorSummary: Sendable, Encodable {
  /// SHA-256 over the certificate, in hexadecimal.
  public let id: String
  public let purpose: String
  public let subject: String
  public let expires: String

  init(_ anchor: TrustAnchor, _ purpose: AnchorPurpose) {
    id = Hex.encode(anchor.digest)
    self.purpose = purpose.rawValue
    subject = anchor.subject
    expires = anchor.expires.description
  }
}

extension Exchange {
  /// Trusts the authorities of a file in PEM.
  ///
  /// - Returns: those that are trusted now.
  /// - Throws: `forbidden`; `malformed`, `invalid`, `too-large` for a file that holds none.
  public func addAnchors(
    _ file: [UInt8], for purpose: AnchorPurpose, as caller: Caller
  ) async throws -> [AnchorSummary] {
    try require(Self.permission(purpose), caller)
    let anchors = try TrustAnchor.read(file)
    return try await pass { [self] _ in
      var draft = EventDraft(kind: .clientChanged)
      draft.detail = ["change": "anchor-added", "purpose": purpose.rawValue]
      var passage = Passage(
        outcome: .success(anchors.map { AnchorSummary($0, purpose) }))
      for anchor in anchors {
        passage.change(
          try keeping(
            .trustAnchor, AnchorRecord.key(purpose, anchor.digest),
            AnchorRecord(purpose: purpose, der: Data(anchor.der))), &draft)
      }
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// The authorities that are trusted for a purpose.
  public func anchors(
    for purpose: AnchorPurpose, as caller: Caller
  ) async throws -> [AnchorSummary] {
    try require(Self.permission(purpose), caller)
    return try await anchorCertificates(purpose)
      .map { AnchorSummary(try TrustAnchor(der: $0), purpose) }
  }

  /// Trusts an authority no more. Whoever it named is nobody with the next request.
  ///
  /// - Throws: `not-found`.
  public func removeAnchor(
    _ id: String, for purpose: AnchorPurpose, as caller: Caller
  ) async throws {
    try require(Self.permission(purpose), caller)
    try await pass { [self] snapshot in
      guard let digest = Hex.decode(id),
        try snapshot.item(.trustAnchor, key: AnchorRecord.key(purpose, digest)) != nil
      else { throw PeerChartError(.notFound, "no authority of that id is trusted here") }
      var draft = EventDraft(kind: .clientChanged)
      draft.detail = ["change": "anchor-removed", "purpose": purpose.rawValue]
      var passage = Passage(outcome: .success(()))
      passage.change(
        ItemChange(
          kind: .trustAnchor, key: AnchorRecord.key(purpose, digest), sealed: nil), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  private static func permission(_ purpose: AnchorPurpose) -> NodePermission {
    purpose == .programs ? .manageClients : .manageAccounts
  }

  /// DER of the authorities for a purpose.
  func anchorCertificates(_ purpose: AnchorPurpose) async throws -> [[UInt8]] {
    try await store.read { [self] snapshot in
      let prefix = Array(purpose.rawValue.utf8)
      return try snapshot.items(.trustAnchor, prefix: prefix, after: nil, limit: 256)
        .map { Array(try decode($0.sealed, .trustAnchor, $0.key, AnchorRecord.self).der) }
    }
  }

  func anchors(_ purpose: AnchorPurpose) async throws -> CertificateAnchors {
    try CertificateAnchors(der: await anchorCertificates(purpose))
  }

  private func decode<Value: Decodable>(
    _ sealed: [UInt8], _ kind: ItemKind, _ key: [UInt8], _ type: Value.Type
  ) throws -> Value {
    try decode(sealed, kind, key)
  }
}
