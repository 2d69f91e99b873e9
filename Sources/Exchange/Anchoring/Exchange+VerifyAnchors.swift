import Consent
import Foundation
import Primitives
public import TransparencyLog

/// What came of holding the log against its anchors.
public struct AnchorVerification: Sendable, Encodable {
  public let provider: String
  /// Each anchor that fits.
  public let anchors: [LogAnchorFinding]
  /// What does not fit.
  public let findings: [String]
  public var verified: Bool { findings.isEmpty }

  private enum Key: String, CodingKey { case provider, anchors, findings, verified }

  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: Key.self)
    try members.encode(provider, forKey: .provider)
    try members.encode(anchors, forKey: .anchors)
    try members.encode(findings, forKey: .findings)
    try members.encode(verified, forKey: .verified)
  }
}

extension Exchange {
  private static var blocksAtOnce: UInt64 { 10_000 }
  /// The longest chain that is read through, in blocks: no node may keep this one busy for ever.
  private static var mostBlocks: UInt64 { 200_000_000 }

  /// Holds this node's log against what stands outside. On a chain nothing is taken from this node but the
  /// log's own hashes: which roots there are, the chain says, and that none is missing, its accumulator.
  ///
  /// - Throws: `forbidden`, `not-found`; `unreachable` and others where the chain cannot be asked.
  public func verifyAnchors(
    _ name: String, using transport: any AnchorTransport, as caller: Caller
  ) async throws -> AnchorVerification {
    try require(.seeNodeLog, caller)
    let (place, turn, records) = try await store.read { [self] snapshot in
      (
        try anchorPlace(name, in: snapshot), try anchorTurn(name, in: snapshot),
        try allAnchors(name, in: snapshot).filter { $0.checkpoint != nil }
      )
    }
    let checked: (anchors: [LogAnchorFinding], findings: [String])
    switch place.target {
    case .chain(let chain):
      guard let registry = chain.registry ?? turn.registry, let account = place.key?.address else {
        throw PeerChartError(.notFound, "there is no registry yet")
      }
      let client = ChainClient(
        address: chain.node, credentials: place.credentials, transport: transport)
      checked = try await verify(
        records, on: client, chain, registry: registry, account: account)
    case .calendars(let calendars):
      let anchoring = CalendarAnchoring(
        place: calendars, credentials: place.credentials, transport: transport, random: random)
      checked = try await verifyProofs(records) { record in
        let file = try TimestampFile(parsing: Array(record.proof ?? Data()))
        guard let subject = record.checkpoint, file.digest == subject.digest else {
          throw PeerChartError(.integrity, "the timestamp is of something else")
        }
        return try await anchoring.confirmed(record, file)
      }
    case .authority(let authority):
      let name = place.placeName
      checked = try await verifyProofs(records) { record in
        let token = try TimeStampToken(parsing: Array(record.proof ?? Data()))
        guard let subject = record.checkpoint else { return record.failed(.authority, name) }
        let stamp = try await token.verify(
          subject.digest, nonce: record.nonce.map { Array($0) },
          trusted: authority.trusted.map { Array($0) })
        return LogAnchorFinding(
          kind: .authority, place: stamp.authority, size: subject.checkpoint.size, state: .final,
          time: stamp.time)
      }
    }
    return AnchorVerification(
      provider: place.name, anchors: checked.anchors, findings: checked.findings)
  }

  // MARK: From a chain

  private func verify(
    _ records: [LogAnchorRecord], on client: ChainClient, _ chain: AnchorPlace.Chain,
    registry: EthereumAddress, account: EthereumAddress
  ) async throws -> (anchors: [LogAnchorFinding], findings: [String]) {
    guard try await client.chainID() == chain.chainID else {
      throw PeerChartError(.integrity, "the node is one of another chain")
    }
    guard try await client.code(registry) == AnchorRegistryCode.runtimeBytes else {
      throw PeerChartError(.integrity, "what stands on the chain is not the registry")
    }
    let latest = try await client.latest()
    let finalized = try await client.finalized()
    let log = AnchorRegistry.logID(origin: Self.logOrigin(nodeID))
    let head = try RegistryHead(
      await client.call(
        registry, AnchorRegistry.head(account: account, log: log), at: latest.number))
    let first = records.compactMap(\.block?.number).min() ?? 0
    var history: AnchorHistory
    do {
      history = try AnchorHistory(
        await events(client, registry, account, log, first...max(first, latest.number)), head: head,
        registry: registry, account: account, log: log)
    } catch let error as PeerChartError where error.code == .integrity && first > 0 {
      // Anchors from before the oldest that is known here.
      history = try AnchorHistory(
        await events(client, registry, account, log, 0...latest.number), head: head,
        registry: registry, account: account, log: log)
    }
    var findings: [String] = []
    var anchors: [LogAnchorFinding] = []
    for anchored in history.roots {
      guard let block = try await client.block(number: anchored.blockNumber),
        block.hash == anchored.blockHash, block.number <= latest.number
      else {
        findings.append("size \(anchored.size): its block is not part of the chain")
        continue
      }
      guard try await root(at: anchored.size) == anchored.root else {
        findings.append("size \(anchored.size): the log has another root")
        continue
      }
      let depth = latest.number - block.number + 1
      let isFinal = depth >= chain.depth && finalized.map { $0.number >= block.number } ?? true
      anchors.append(
        LogAnchorFinding(
          kind: .chain, place: chain.name, size: anchored.size,
          state: isFinal ? .final : .included, depth: depth, time: block.time))
    }
    let sizes = Set(history.roots.map(\.size))
    for record in records where record.state == .final || record.state == .included {
      guard !sizes.contains(UInt64(clamping: record.number)) else { continue }
      findings.append("size \(record.number): it was on the chain, and is there no more")
    }
    return (anchors, findings)
  }

  private func events(
    _ client: ChainClient, _ registry: EthereumAddress, _ account: EthereumAddress, _ log: Hash,
    _ blocks: ClosedRange<UInt64>
  ) async throws -> [ChainEvent] {
    guard blocks.upperBound - blocks.lowerBound < Self.mostBlocks else {
      throw PeerChartError(.tooLarge, "the chain is too long to be read through")
    }
    var events: [ChainEvent] = []
    var start = blocks.lowerBound
    while start <= blocks.upperBound {
      let end = min(blocks.upperBound, start + (Self.blocksAtOnce - 1))
      events +=
        try await client.ask(
          AnchorHistory.filter(
            registry: registry, account: account, log: log, from: start, to: end)) ?? []
      start = end + 1
    }
    return events
  }

  /// The root of this node's log at a size; nil beyond its end.
  private func root(at size: UInt64) async throws -> Hash? {
    try await store.read { snapshot in
      let log = StoredLog(snapshot: snapshot, size: UInt64(clamping: try snapshot.auditSize()))
      return size <= log.size ? try log.root(at: size) : nil
    }
  }

  // MARK: From files

  private func verifyProofs(
    _ records: [LogAnchorRecord],
    _ check: @Sendable (LogAnchorRecord) async throws -> LogAnchorFinding
  ) async throws -> (anchors: [LogAnchorFinding], findings: [String]) {
    var anchors: [LogAnchorFinding] = []
    var findings: [String] = []
    for record in records where record.proof != nil {
      guard let subject = record.checkpoint?.checkpoint,
        try await root(at: subject.size) == subject.root
      else {
        findings.append("size \(record.number): the log has another root")
        continue
      }
      do {
        anchors.append(try await check(record))
      } catch let error as PeerChartError {
        findings.append("size \(record.number): \(error.reason)")
      }
    }
    return (anchors, findings)
  }
}

extension LogAnchorRecord {
  fileprivate func failed(_ kind: LogAnchorKind, _ place: String) -> LogAnchorFinding {
    LogAnchorFinding(
      kind: kind, place: place, size: UInt64(clamping: number), state: .failed, reason: reason)
  }
}
