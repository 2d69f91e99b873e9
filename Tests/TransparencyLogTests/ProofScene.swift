import Crypto
import Primitives
import TransparencyLog

/// A log in memory, its witnesses, and proofs of its entries with anchors of all kinds.
struct ProofScene {
  static let index: UInt64 = 123
  /// Seconds since 1970 at which witnesses cosign.
  static let time: UInt64 = 1_772_355_600

  let key = TestKey(seed: 21, name: "peerchart/household")
  let witnessKeys = (0..<3).map { TestKey(seed: 30 + UInt8($0), name: "peerchart/witness\($0)") }
  let entry: [UInt8] = Array(repeating: 7, count: 32) + Array(#"{"made":"up"}"#.utf8)
  private(set) var log: MemoryLog

  init() {
    log = MemoryLog(size: Int(Self.index))
    log.append(leaf)
    for number in 0..<400 { log.append(Hash.leaf(Array("later \(number)".utf8))) }
  }

  var leaf: Hash { Hash.leaf(entry) }
  var now: Instant { Instant(millisecondsSinceEpoch: Int64(Self.time) * 1000) }

  func checkpoint(_ size: UInt64, root: Hash? = nil, cosigners: [Int] = []) throws
    -> SignedCheckpoint
  {
    let checkpoint = try Checkpoint(
      origin: key.name, size: size, root: root ?? log.root(at: size))
    let witnesses = try cosigners.map {
      try NoteSigner(
        witness: witnessKeys[$0].name, privateKey: witnessKeys[$0].privateKey, at: Self.time)
    }
    return try SignedCheckpoint(checkpoint, signedBy: [key.signer] + witnesses)
  }

  func proof(_ size: UInt64, extra: Bool = false, cosigners: [Int] = []) throws -> LogProof {
    try LogProof(
      log.inclusionProof(of: Self.index, in: size),
      checkpoint: checkpoint(size, cosigners: cosigners), extra: extra ? entry : nil)
  }

  func witnesses(_ numbers: [Int]) throws -> [CosignatureVerifier] {
    try numbers.map {
      try CosignatureVerifier(name: witnessKeys[$0].name, publicKey: witnessKeys[$0].publicKey)
    }
  }

  func chainPlace(_ number: UInt64 = 5) throws -> ProofAnchor.ChainPlace {
    ProofAnchor.ChainPlace(
      chain: 1337, registry: try address(1), account: try address(2), block: number,
      transaction: Hash.leaf([UInt8(truncatingIfNeeded: number)]))
  }

  private func address(_ byte: UInt8) throws -> EthereumAddress {
    guard let address = EthereumAddress(bytes: [UInt8](repeating: byte, count: 20)) else {
      throw PeerChartError(.invalid, "20 bytes are always an address")
    }
    return address
  }

  func chain(_ size: UInt64, block: UInt64 = 5) throws -> ProofAnchor {
    try ProofAnchor(.chain(chainPlace(block)), proof: proof(size))
  }

  /// - Parameter subject: what the timestamp is about; the anchored checkpoint if not given.
  func calendar(_ size: UInt64, of subject: Hash? = nil, height: UInt64? = nil) throws
    -> ProofAnchor
  {
    let proof = try proof(size)
    let digest = subject ?? LogAnchorSubject(proof.checkpoint.checkpoint).digest
    let attestation: TimestampAttestation =
      height.map { .bitcoin($0) } ?? .pending("https://calendar.example")
    let file = TimestampFile(
      digest: digest,
      timestamp: Timestamp(branches: [.init(.sha256, Timestamp(attestations: [attestation]))]))
    return try ProofAnchor(.calendar(file.bytes), proof: proof)
  }

  func bundle(
    _ size: UInt64 = 500, cosigners: [Int] = [0, 2], claimed: [Int] = [0, 2],
    anchors: [ProofAnchor] = []
  ) throws -> ProofBundle {
    try ProofBundle(
      log: key.verifier, witnesses: witnesses(claimed),
      proof: proof(size, extra: true, cosigners: cosigners), anchors: anchors)
  }

  func report(_ bundle: ProofBundle, trust: ProofTrust? = nil) async throws -> ProofReport {
    await bundle.report(
      leafHash: leaf, trust: try trust ?? ProofTrust(logs: [key.verifier]), now: now)
  }
}
