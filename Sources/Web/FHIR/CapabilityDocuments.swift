import Identity
import Primitives
import Synchronization

/// The CapabilityStatement as it reads at each address under which the node is asked: the authorization
/// server is named in it. It takes milliseconds to write, so it is kept.
final class CapabilityDocuments: Sendable {
  /// A node has a name or two. Whoever makes more up waits for theirs.
  private static let capacity = 8

  private let version: String
  private let date: Instant
  private let documents = Mutex<[String: [UInt8]]>([:])

  init(version: String, date: Instant) {
    self.version = version
    self.date = date
  }

  func bytes(at server: ServerMetadata) -> [UInt8] {
    if let known = documents.withLock({ $0[server.issuer] }) { return known }
    let bytes = CapabilityStatement.bytes(version: version, date: date, server: server)
    documents.withLock { documents in
      if documents.count >= Self.capacity { documents.removeAll() }
      documents[server.issuer] = bytes
    }
    return bytes
  }
}
