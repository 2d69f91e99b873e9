import Consent
import Exchange
import Foundation
import Identity
import Node
import Primitives
import Synchronization
import Vault

/// A real node on a real database in a folder of its own, which goes away with it.
final class TestNode: Sendable {
  let folder: DataFolder
  let clock: TestClock
  let random = RecordingRandom()
  private let node: Mutex<PeerChartNode>

  var exchange: Exchange { node.withLock { $0.exchange } }
  var id: NodeID { exchange.nodeID }
  /// Whoever runs the program on the data folder.
  var owner: Caller { exchange.nodeOperator() }

  init(
    _ kind: NodeKind = .household, name: String = "Test node", clock: TestClock = TestClock(),
    protection: RootKeyProtection = .file, engine: TestEngine = .sqlite
  ) async throws {
    folder = DataFolder(TemporaryFolder.newPath())
    self.clock = clock
    node = Mutex(
      try await PeerChartNode.initialize(
        folder, name: name, kind: kind, protection: protection, database: engine.database(),
        clock: clock, random: random))
  }

  deinit {
    let (open, path) = (node.withLock { $0 }, folder.path)
    Task {
      await open.close()
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// Closes the node and opens it again, as a restart would; with other limits where given.
  func reopen(
    limits: ExchangeLimits = ExchangeLimits(), passphrase: String? = nil
  ) async throws {
    await close()
    let opened = try await PeerChartNode.open(
      folder,
      passphrase: {
        guard let passphrase else { throw PeerChartError(.invalid, "no passphrase was expected") }
        return SecretBytes(copying: Array(passphrase.utf8))
      }, limits: limits, clock: clock)
    node.withLock { $0 = opened }
  }

  func close() async { await node.withLock { $0 }.close() }

  /// A second program on the same folder.
  func beside() async throws -> PeerChartNode {
    try await PeerChartNode.open(
      folder, passphrase: { throw PeerChartError(.invalid, "no passphrase was expected") },
      clock: clock)
  }

  // MARK: What the owner sees

  func requests() async throws -> [AccessRequestSummary] {
    try await exchange.accessRequests(as: owner)
  }

  func notices() async throws -> [Notice] { try await exchange.notices(as: owner) }

  // MARK: Callers

  /// The bearer of a fresh token.
  func bearer(
    _ role: Role, purpose: PurposeOfUse = .treatment, treats: [String] = [],
    scope: String = "system/*.cruds", lifetime: Int64 = 3600
  ) async throws -> Caller {
    let token = try await exchange.issueToken(
      TokenRequest(
        scope: ScopeSet(parsing: scope), role: role, name: "Somebody", purpose: purpose,
        treats: treats, lifetime: lifetime), as: owner)
    return try await exchange.authenticate(
      bearer: token, purpose: nil, networkAddress: nil, requestID: "test")
  }

  /// A paired node at this one's door, with the certificate that it shows.
  func peer(_ other: TestNode, _ purpose: PurposeOfUse? = .treatment) async throws -> Caller {
    try await exchange.authenticate(
      peerCertificate: other.certificate(), purpose: purpose?.rawValue, networkAddress: nil,
      requestID: "test")
  }

  func certificate() throws -> [UInt8] {
    guard let leaf = try exchange.tlsIdentity(hosts: []).certificateChain.first else {
      throw PeerChartError(.notFound, "there is no certificate")
    }
    return leaf
  }

  // MARK: What it holds

  /// Stores resources through the import, and fails on any fault.
  func store(_ resources: [UInt8]...) async throws {
    for resource in resources {
      let report = try await exchange.importJSON(
        resource, unresolved: .refuse, as: owner, progress: { _ in })
      if let fault = report.faults.first { throw fault }
    }
  }

  /// The whole log, the oldest entry first, as kind and reasons.
  func log() async throws -> [LoggedEvent] {
    try await exchange.auditEvents(of: nil, before: nil, limit: 10_000, as: owner).reversed()
  }
}

enum TemporaryFolder {
  static func newPath() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("peerchart-exchange-\(UUID().uuidString)").path
  }
}

/// The system's randomness, remembered, so that a test can make a node's own keys once more and sign
/// as that node would.
final class RecordingRandom: RandomSource {
  private let drawn = Mutex<[[UInt8]]>([])

  func bytes(_ count: Int) -> [UInt8] {
    let bytes = SystemRandom().bytes(count)
    drawn.withLock { if $0.count < 64 { $0.append(bytes) } }
    return bytes
  }

  /// The private keys of the node that was made with this randomness.
  func keys(of node: NodeID) throws -> NodeKeys {
    let drawn = drawn.withLock { $0 }
    for start in drawn.indices {
      let replay = ReplayedRandom(Array(drawn[start...]))
      if let keys = try? NodeKeys(random: replay), keys.node == node { return keys }
    }
    throw PeerChartError(.notFound, "the node's keys were not drawn from here")
  }
}

private final class ReplayedRandom: RandomSource {
  private let left: Mutex<[[UInt8]]>
  init(_ bytes: [[UInt8]]) { left = Mutex(bytes) }
  func bytes(_ count: Int) -> [UInt8] {
    left.withLock { left in
      guard let next = left.first, next.count == count else { return [] }
      left.removeFirst()
      return next
    }
  }
}
