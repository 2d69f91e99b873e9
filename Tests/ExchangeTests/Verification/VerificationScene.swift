import Exchange
import Foundation
import Identity
import Primitives
import SecDocument
import Testing
import TransparencyLog

/// A hospital that issues discharge summaries, a household that holds them, and a third node.
struct VerificationScene {
  let issuer: TestNode
  let holder: TestNode
  let other: TestNode
  let clock = TestClock()
  let passphrase = Redacted(Array("a passphrase of words".utf8))

  init(_ engine: TestEngine = .sqlite) async throws {
    issuer = try await TestNode(
      .organization, name: "General Hospital", clock: clock, engine: engine)
    holder = try await TestNode(name: "Samplewood family", clock: clock)
    other = try await TestNode(.organization, name: "City Clinic", clock: clock)
    try await pair(holder, with: issuer)
    try await pair(other, with: holder)
    try await issuer.store(Sample.patient("p"))
  }

  /// A discharge summary (LOINC 18842-5), sealed to the holder unless said otherwise.
  func issue(
    _ content: String = "%PDF-1.7 made up", replacing: DocumentDigest? = nil,
    to recipients: [DocumentRecipient]? = nil, from node: TestNode? = nil
  ) async throws -> (bytes: [UInt8], digest: DocumentDigest) {
    let node = node ?? issuer
    var sink = SecBytesSink()
    let issued = try await node.exchange.issue(
      SecBytesSource(Array(content.utf8)), to: &sink,
      draft: SecDraft(
        mediaType: "application/pdf", created: clock.now(), subject: "Patient/p",
        documentType: SecDocumentType(code: "18842-5", display: "Discharge summary"),
        predecessor: replacing),
      recipients: recipients ?? [.node(holder.id)], patient: node.id == issuer.id ? "p" : nil,
      as: node.owner)
    return (sink.bytes, issued.digest)
  }

  /// - Parameter line: nil for offline.
  func verify(
    _ document: [UInt8], at node: TestNode? = nil, asking line: (any PeerTransport)?
  ) async throws -> Verification {
    let node = node ?? holder
    return try await node.exchange.verify(
      document: { SecBytesSource(document) }, passphrase: nil,
      asking: VerificationSources(peers: line), as: node.owner)
  }

  /// The line from the holder to the issuer.
  var line: LoopTransport { LoopTransport(from: holder, to: issuer) }

  /// The proof section of a document.
  static func proof(_ document: [UInt8]) throws -> [UInt8] {
    try #require(try SecFile.inspect(SecBytesSource(document)).proof)
  }

  /// The key by which the status of a document is asked for, from what the document carries, as
  /// docs/format/document-status.md says.
  static func key(_ document: [UInt8]) throws -> [UInt8] {
    let bundle = try ProofBundle(parsing: proof(document))
    let event = try #require(
      try JSONSerialization.jsonObject(with: Data(bundle.entry.dropFirst(32))) as? [String: Any])
    let detail = try #require(event["detail"] as? [String: String])
    let salt = try #require(detail["status-salt"].flatMap { Hex.decode($0) })
    let key = RevocationKey.key(.document, id: try #require(detail["document"]), salt: salt)
    return try #require(key).bytes
  }
}

/// A line to the issuer on which somebody answers what he likes when asked for a status.
struct StatusLine: PeerTransport {
  private let answer: @Sendable (String) throws -> PeerReply

  init(_ answer: @escaping @Sendable (String) throws -> PeerReply) { self.answer = answer }

  init(_ status: Int, _ body: String = "") {
    answer = { _ in PeerReply(status: status, contentType: nil, body: Array(body.utf8)) }
  }

  func log(_ request: LogRequest, at peer: PeerEndpoint) async throws -> PeerReply {
    guard case .documentStatus(let key) = request else { throw Self.onlyThat }
    return try answer(key)
  }

  func deliver(_: [UInt8], to _: PeerEndpoint) async throws -> PeerReply { throw Self.onlyThat }
  func pair(_: [UInt8], at _: String, fingerprintOf _: NodeID) async throws -> PeerReply {
    throw Self.onlyThat
  }
  func get(
    _: String, purpose _: String, person _: String?, from _: PeerEndpoint
  ) async throws -> PeerReply { throw Self.onlyThat }
  func post(
    _: String, body _: [UInt8], purpose _: String, to _: PeerEndpoint
  ) async throws -> PeerReply { throw Self.onlyThat }

  private static let onlyThat = PeerChartError(.notSupported, "this line is for statuses")
}
