import Identity
public import Primitives
import SecDocument
import Synchronization
import Vault

/// The one door: every use case that lets health information in or out (rule 1).
///
/// One instance serves a process. It holds no state that another process could make wrong: keys and
/// parsed consents are remembered only together with what they were read from.
public final class Exchange: Sendable {
  let store: any RecordStore
  let keys: ChartKeeper
  let identity: NodeKeys
  /// This node's signed identity statement.
  let statement: [UInt8]
  let signer: SecSigner
  public let nodeID: NodeID
  public let name: Redacted<String>
  public let kind: NodeKind
  public let limits: ExchangeLimits
  let clock: any WallClock
  let random: any RandomSource
  let consents = ConsentCache()
  /// Called after a commit that put something into the outbox.
  let outboxSignal = Mutex<(@Sendable () -> Void)?>(nil)

  init(
    store: any RecordStore, keys: ChartKeeper, identity: NodeKeys, statement: [UInt8],
    nodeID: NodeID, name: String, kind: NodeKind, limits: ExchangeLimits, clock: any WallClock, random: any RandomSource
  ) {
    self.store = store
    self.keys = keys
    self.identity = identity
    self.statement = statement
    self.nodeID = nodeID
    signer = SecSigner(issuer: nodeID, key: identity.signing)
    self.name = Redacted(name)
    self.kind = kind
    self.limits = limits
    self.clock = clock
    self.random = random
  }

  /// Lets running writes finish and closes the store.
  public func close() async { await store.close() }

  /// A random UUID (RFC 9562 version 4) as the id of something new.
  func newID() -> String {
    var bytes = random.bytes(16)
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = Array(Hex.encode(bytes).utf8)
    return [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
      .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
  }
}
