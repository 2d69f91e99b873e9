import Audit
import Foundation
import Identity
import Primitives
import SecDocument

/// A document that another node delivered, as kept.
private struct ReceivedDocumentRecord: Codable {
  var id: String
  var peer: String
  var title: String
  var at: Int64
  var document: Data
}

/// A document that another node delivered, for people and programs to look at.
public struct ReceivedDocument: Sendable, Encodable {
  public let id: String
  public let from: String
  public let title: String
  public let at: String
  public let bytes: Int
}

extension Exchange {
  func keepDocument(
    _ message: DocumentMessage, from peer: PeerRecord, _ reading: Reading,
    _ event: inout EventDraft, _ passage: inout Passage<[UInt8]>
  ) throws {
    // Only documents that this node can open are kept; the rest of the checks are `verify`'s.
    let (_, opened) = try SecReader.open(Array(message.document), with: [.xwing(identity.sealing)])
    let record = ReceivedDocumentRecord(
      id: opened.digest.description, peer: peer.name,
      title: AuditLimits.clipped(message.title, to: 800) ?? "",
      at: reading.time.millisecondsSinceEpoch, document: message.document)
    let key = opened.digest.bytes
    passage.change(try keeping(.document, key, record), &event)
    passage.change(
      try notice(
        .documentReceived, at: reading.time, peer: peer.name, reference: record.id,
        text: record.title), &event)
  }

  /// The documents that other nodes delivered.
  public func receivedDocuments() async throws -> [ReceivedDocument] {
    try await store.read { [self] snapshot in
      // One at a time: they may be large.
      try snapshot.itemKeys(.document).compactMap { key in
        try item(.document, key, as: ReceivedDocumentRecord.self, in: snapshot).map { record in
          ReceivedDocument(
            id: record.id, from: record.peer, title: record.title,
            at: Instant(millisecondsSinceEpoch: record.at).description,
            bytes: record.document.count)
        }
      }.sorted { $0.at < $1.at }
    }
  }

  /// A delivered document's `.sec` bytes, by its digest or the beginning of it.
  public func receivedDocument(_ id: String) async throws -> [UInt8] {
    // A document lies under its digest, which is its id.
    let record = try await store.read { [self] snapshot -> ReceivedDocumentRecord? in
      let keys = try snapshot.itemKeys(.document)
        .filter { id.count >= 8 && Hex.encode($0).hasPrefix(id) }
      guard let key = keys.first, keys.count == 1 else { return nil }
      return try item(.document, key, in: snapshot)
    }
    guard let record else {
      throw PeerChartError(.notFound, "there is no delivered document of that id")
    }
    return Array(record.document)
  }
}
