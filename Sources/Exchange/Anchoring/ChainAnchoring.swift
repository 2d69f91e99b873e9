import Foundation
import Primitives
import TransparencyLog

/// Anchors in a registry on a chain of the Ethereum kind.
///
/// The order that makes a crash harmless: number and signed bytes are durable, then they are sent; the same
/// bytes are sent again until one of them is in a block. The registry itself refuses a size that it has.
struct ChainAnchoring: LogAnchoring {
  /// Seconds between two looks at a transaction that waits, and at a block that ripens.
  private static let pause: (sent: Int64, included: Int64) = (3, 15)
  /// So many looks in vain before fees are raised.
  private static let patience = 4

  let place: AnchorPlace.Chain
  let registry: EthereumAddress?
  let key: EthereumKey
  let client: ChainClient
  let random: AnyRandomSource
  /// The numbers that other anchors under way have taken.
  let taken: Set<UInt64>

  func advance(
    _ anchor: LogAnchorRecord, now: Int64,
    keep: @Sendable (LogAnchorRecord) async throws -> Void
  ) async throws -> LogAnchorRecord {
    var anchor = anchor
    guard try await client.chainID() == place.chainID else {
      anchor.postpone(at: now, "the node is one of another chain")
      return anchor
    }
    // Asked for before the receipts: a number that is used now has a receipt then, if it was ours.
    let count = try await client.transactionCount(key.address)
    if let (receipt, block) = try await arrived(anchor) {
      return try await settle(anchor, receipt, block, now)
    }
    if anchor.state == .included {
      anchor.state = .pending
      anchor.block = nil
      anchor.depth = nil
      anchor.time = nil
    }
    guard try await prepare(&anchor, count: count, now: now) else { return anchor }
    guard let transaction = anchor.transactions.last else { return anchor }
    try await keep(anchor)
    let refusal = await send(transaction)
    if let (receipt, block) = try await arrived(anchor) {
      return try await settle(anchor, receipt, block, now)
    }
    if let refusal {
      anchor.postpone(at: now, refusal)
    } else {
      let tries = anchor.attempts + 1
      anchor.wait(Self.pause.sent, at: now, "sent, and in no block yet")
      anchor.attempts = tries
    }
    return anchor
  }

  /// The receipt of one of its transactions, if its block is part of the chain; a good one before others.
  private func arrived(
    _ anchor: LogAnchorRecord
  ) async throws -> (receipt: ChainReceipt, block: ChainBlock)? {
    var found: (ChainReceipt, ChainBlock)?
    for transaction in anchor.transactions.reversed() {
      guard let receipt = try await client.receipt(Array(transaction.name)),
        let block = try await client.block(number: receipt.blockNumber),
        block.hash == receipt.blockHash, block.number == receipt.blockNumber
      else { continue }
      if receipt.isSuccess { return (receipt, block) }
      found = found ?? (receipt, block)
    }
    return found
  }

  // MARK: What has arrived

  private func settle(
    _ anchor: LogAnchorRecord, _ receipt: ChainReceipt, _ block: ChainBlock, _ now: Int64
  ) async throws -> LogAnchorRecord {
    var anchor = anchor
    let latest = try await client.latest()
    let finalized = try await client.finalized()
    guard latest.number >= block.number else {
      throw PeerChartError(
        .malformed, "the node's newest block is older than one that it has shown")
    }
    let (fee, isTooMuch) = receipt.gasUsed.multipliedReportingOverflow(by: receipt.gasPrice ?? 0)
    anchor.block = LogAnchorRecord.Block(
      number: block.number, hash: Data(block.hash.bytes),
      transaction: Data(receipt.transaction.bytes), gasUsed: receipt.gasUsed,
      fee: receipt.gasPrice == nil || isTooMuch ? nil : fee)
    anchor.time = block.time.millisecondsSinceEpoch
    let depth = latest.number - block.number + 1
    anchor.depth = depth
    let isFinal = depth >= place.depth && finalized.map { $0.number >= block.number } ?? true
    let fault = try await fault(anchor, receipt)
    if isFinal {
      anchor.settle(fault == nil ? .final : .failed, fault)
    } else {
      // A transaction that failed may succeed after a re-org: it is not given up before the block is final.
      anchor.state = fault == nil ? .included : .pending
      anchor.wait(Self.pause.included, at: now, fault)
    }
    return anchor
  }

  /// What is wrong with a transaction that is in a block; nil if nothing is.
  private func fault(_ anchor: LogAnchorRecord, _ receipt: ChainReceipt) async throws -> String? {
    guard receipt.isSuccess else {
      let limit = anchor.transactions.first { Array($0.name) == receipt.transaction.bytes }?
        .gasLimit
      return receipt.gasUsed >= limit ?? .max
        ? "the transaction ran out of gas"
        : "the registry refuses it: it has that root, or one of a larger log"
    }
    switch anchor.subject {
    case .deployment:
      guard let contract = receipt.contract,
        try await client.code(contract) == AnchorRegistryCode.runtimeBytes
      else { return "what stands on the chain is not the registry" }
    case .checkpoint:
      guard let registry, let subject = anchor.checkpoint,
        receipt.events.compactMap({ AnchoredRoot($0, registry: registry) }).contains(where: {
          $0.account == key.address && $0.log == subject.logID
            && $0.size == subject.checkpoint.size && $0.root == subject.checkpoint.root
        })
      else { return "the registry says nothing of this root" }
    case .revocation(let revoked, _):
      guard let registry, let revoked = Hash(bytes: Array(revoked)),
        try await AnchorRegistry.revocationTime(
          client.call(
            registry, AnchorRegistry.revokedAt(account: key.address, key: revoked),
            at: receipt.blockNumber)) != nil
      else { return "the registry says nothing of this revocation" }
    }
    return nil
  }

  // MARK: What is sent

  /// Gives the anchor a signed transaction, or one with higher fees.
  ///
  /// - Returns: false where nothing can be sent now.
  private func prepare(
    _ anchor: inout LogAnchorRecord, count: UInt64, now: Int64
  ) async throws -> Bool {
    let latest = try await client.latest()
    let base = latest.baseFee ?? 0
    let last = anchor.transactions.last
    // Whoever used the number was not us: none of ours has a receipt.
    let nonce: UInt64
    if let last, last.nonce >= count {
      nonce = last.nonce
      let isDue =
        anchor.attempts >= Self.patience && base >= last.feeCap - min(last.tip, last.feeCap)
      guard isDue else { return true }
    } else {
      nonce = free(from: count)
    }
    guard let call = try await call(anchor) else {
      anchor.postpone(at: now, "there is no registry at the address that is named")
      return false
    }
    guard base < place.feeCap else {
      anchor.wait(60, at: now, "the chain's fees are above the limit set here")
      return last?.nonce == nonce
    }
    var tip = min(try await client.tip(), place.feeCap - base)
    var feeCap = min(base * 2 + tip, place.feeCap)
    if let last, last.nonce == nonce {
      // Nodes take a replacement only if it pays an eighth more (go-ethereum, `--txpool.pricebump`).
      tip = max(tip, last.tip + last.tip / 8 + 1)
      feeCap = max(feeCap, last.feeCap + last.feeCap / 8 + 1)
      guard feeCap <= place.feeCap, tip <= feeCap else { return true }
    }
    let transaction = FeeMarketTransaction(
      chainID: place.chainID, nonce: nonce, maxPriorityFeePerGas: tip, maxFeePerGas: feeCap,
      gasLimit: call.gas, to: call.to, data: call.data)
    let signed = try transaction.signed(by: key, random: random)
    anchor.transactions.append(
      LogAnchorRecord.Transaction(
        nonce: nonce, feeCap: feeCap, tip: tip, gasLimit: call.gas, raw: Data(signed.raw),
        name: Data(signed.name.bytes)))
    return true
  }

  private func free(from count: UInt64) -> UInt64 {
    var nonce = count
    while taken.contains(nonce), nonce < .max { nonce += 1 }
    return nonce
  }

  /// What the transaction says; nil where the registry is not what it must be.
  private func call(
    _ anchor: LogAnchorRecord
  ) async throws -> (to: EthereumAddress?, data: [UInt8], gas: UInt64)? {
    if case .deployment = anchor.subject {
      return (nil, AnchorRegistryCode.creationBytes, max(place.gasLimit, 1_000_000))
    }
    guard let registry, try await client.code(registry) == AnchorRegistryCode.runtimeBytes else {
      return nil
    }
    if case .revocation(let revoked, _) = anchor.subject, let key = Hash(bytes: Array(revoked)) {
      return (registry, AnchorRegistry.revoke(key), place.gasLimit)
    }
    guard let subject = anchor.checkpoint else { return nil }
    return (
      registry,
      AnchorRegistry.anchor(
        log: subject.logID, size: subject.checkpoint.size, root: subject.checkpoint.root),
      place.gasLimit
    )
  }

  /// - Returns: why the node does not take it.
  private func send(_ transaction: LogAnchorRecord.Transaction) async -> String? {
    do {
      let name = try await client.send(Array(transaction.raw))
      return name == Array(transaction.name) ? nil : "the node names another transaction"
    } catch let error as PeerChartError {
      return error.reason
    } catch {
      return "the node cannot be reached"
    }
  }
}
