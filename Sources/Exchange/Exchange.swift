public import Identity
public import Primitives
import SecDocument
import Synchronization
import Vault

/// The one door: every use case that lets health information in or out (rule 1).
///
/// One instance serves a process. It holds no state that another process could make wrong: keys,
/// parsed consents and tokens are remembered only together with what they were read from.
public final class Exchange: Sendable {
  let store: any RecordStore
  /// The same store, where it can answer on the thread that asks.
  let promptStore: (any PromptStore)?
  let keys: ChartKeeper
  let identity: NodeKeys
  /// This node's signed identity statement.
  public let statement: IdentityStatement
  let signer: SecSigner
  public let limits: ExchangeLimits
  /// How long sessions of people are good.
  public let sessions: SessionPolicy
  let clock: any WallClock
  let random: AnyRandomSource
  let consents = ConsentCache()
  let recognizedTokens = TokenCache()
  let checkedTokens = CheckedTokens()
  let openedItems = OpenedItems()
  let keyRings = KeyRingMemory()
  let settled = SettledTime()
  let waiting = WaitingList()
  let rateLimiter = RateLimiter()
  let restrictionMemory = RestrictionMemory()
  let passwordWork = PasswordWork()
  /// For documents that strangers drop: nobody who signs in waits for them.
  let strangersWork = PasswordWork(atOnce: 1)
  let verificationPlaces = VerificationPlaces()
  /// Called after a commit that put something into the outbox.
  let outboxSignal = Mutex<(@Sendable () -> Void)?>(nil)
  /// How other nodes are reached for what people here look at; nil in a program that does not.
  let peerTransport = Mutex<(any PeerTransport)?>(nil)
  /// Called after a commit that may have stored versions of records.
  let changeSignal = Mutex<(@Sendable () -> Void)?>(nil)
  /// Called when an endpoint may have to be called.
  let notificationSignal = Mutex<(@Sendable () -> Void)?>(nil)
  /// Rings when there are events for those who listen to streams.
  let eventBell = ChangeBell()
  let notificationHosts = Mutex(NotificationHosts.none)
  /// Called after a commit that put a bulk job there.
  let bulkSignal = Mutex<(@Sendable () -> Void)?>(nil)
  /// Called when something is wrong with a log.
  let logAlarm = Mutex<(@Sendable (LogAlarm) -> Void)?>(nil)
  /// Whether this process sends mail.
  let offersMail = Mutex(false)
  /// Where `$import` may fetch files from; nil where the operator has named no place.
  let bulkSource = Mutex<(any BulkSource)?>(nil)

  init(
    _ parts: ExchangeParts, keys: ChartKeeper, identity: NodeKeys, statement: IdentityStatement
  ) {
    store = parts.store
    promptStore = parts.store as? any PromptStore
    self.keys = keys
    self.identity = identity
    self.statement = statement
    signer = SecSigner(issuer: identity.node, key: identity.signing)
    limits = parts.limits
    sessions = parts.sessions
    clock = parts.clock
    random = AnyRandomSource(parts.random)
  }

  public var nodeID: NodeID { identity.node }
  public var kind: NodeKind { statement.kind }
  /// What the node calls itself. A household's name is a family's.
  public var name: Redacted<String> { Redacted(statement.name.text) }

  /// The keys and certificates of this node's end of a TLS connection, for the names it is reached by.
  public func tlsIdentity(hosts: [HostName]) throws -> TLSIdentity {
    let leaf = try LeafCertificate(
      hosts: hosts, keys: identity, authority: statement.authority, now: clock.now(),
      random: random)
    return TLSIdentity(
      certificateChain: [leaf.der, statement.authority.der], privateKeyPEM: identity.leafKeyPEM)
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

/// This node's end of a TLS connection, as server and as client: certificates and key.
public struct TLSIdentity: Sendable {
  /// DER, the end certificate first, then the node's CA.
  public let certificateChain: [[UInt8]]
  public let privateKeyPEM: Redacted<String>

  public init(certificateChain: [[UInt8]], privateKeyPEM: Redacted<String>) {
    self.certificateChain = certificateChain
    self.privateKeyPEM = privateKeyPEM
  }
}
