import Foundation
import Primitives
import TransparencyLog

/// Where a reader of proofs looks whether anchors are there: nodes of chains, and of Bitcoin.
public struct AnchorSources: Sendable {
  /// Confirmations after which a block counts as one that stays.
  private static let depth: UInt64 = 6

  /// JSON-RPC of nodes of chains of the Ethereum kind.
  public let chains: [AnchorAddress]
  public let bitcoin: AnchorAddress?
  let transport: any AnchorTransport

  public init(
    chains: [AnchorAddress], bitcoin: AnchorAddress?, transport: any AnchorTransport
  ) {
    self.chains = chains
    self.bitcoin = bitcoin
    self.transport = transport
  }

  /// A finding with what can be seen outside; as it was where nothing can.
  func confirm(
    _ found: ProofReport.Anchor, _ anchor: ProofAnchor
  ) async -> ProofReport.Anchor {
    // What is false already stays so.
    guard found.state == .unknown else { return found }
    switch anchor.evidence {
    case .chain(let place): return await confirm(found, anchor, place)
    case .calendar(let bytes): return await confirm(found, anchor, bytes)
    case .authority: return found
    }
  }

  // MARK: Chains

  private func confirm(
    _ found: ProofReport.Anchor, _ anchor: ProofAnchor, _ place: ProofAnchor.ChainPlace
  ) async -> ProofReport.Anchor {
    var found = found
    for address in chains {
      let client = ChainClient(address: address, credentials: nil, transport: transport)
      do {
        guard try await client.chainID() == place.chain else { continue }
        try await look(client, anchor.subject, place, &found)
        return found
      } catch let error as PeerChartError where error.code == .integrity {
        found.state = .fails
        found.text = "The chain says otherwise: \(error.reason)."
        return found
      } catch {
        found.text = "The node of \(place.name) could not be asked."
      }
    }
    return found
  }

  private func look(
    _ client: ChainClient, _ subject: LogAnchorSubject, _ place: ProofAnchor.ChainPlace,
    _ found: inout ProofReport.Anchor
  ) async throws {
    func wrong(_ reason: String) -> PeerChartError { PeerChartError(.integrity, reason) }
    guard try await client.code(place.registry) == AnchorRegistryCode.runtimeBytes else {
      throw wrong("what stands at that address is not the registry")
    }
    guard let receipt = try await client.receipt(place.transaction.bytes) else {
      // A node that has not caught up, or keeps no old receipts, says the same.
      found.text = "The node of \(place.name) does not know the transaction."
      return
    }
    let isThere =
      receipt.isSuccess
      && receipt.events.contains { event in
        guard let root = AnchoredRoot(event, registry: place.registry) else { return false }
        return root.account == place.account && root.log == subject.logID
          && root.size == subject.checkpoint.size && root.root == subject.checkpoint.root
      }
    guard isThere else { throw wrong("that transaction has not anchored this") }
    let latest = try await client.latest()
    guard let block = try await client.block(number: receipt.blockNumber),
      block.hash == receipt.blockHash, latest.number >= block.number
    else { throw wrong("the transaction's block is not part of the chain") }
    let finalized = try await client.finalized()
    found.state = .holds
    found.time = block.time
    found.depth = latest.number - block.number + 1
    found.text =
      "In block \(block.number) of \(place.name) since \(block.time), \(found.depth ?? 0) deep"
      + (finalized.map { $0.number >= block.number } ?? false ? ", final." : ".")
  }

  // MARK: Bitcoin

  private func confirm(
    _ found: ProofReport.Anchor, _ anchor: ProofAnchor, _ bytes: [UInt8]
  ) async -> ProofReport.Anchor {
    guard let bitcoin, let file = try? TimestampFile(parsing: bytes) else { return found }
    var found = found
    let calendars = CalendarAnchoring(
      place: AnchorPlace.Calendars(calendars: [], bitcoin: bitcoin, depth: Self.depth),
      credentials: nil, transport: transport, random: AnyRandomSource(SystemRandom()))
    let record = LogAnchorRecord(
      place: "bitcoin",
      subject: .checkpoint(text: String(decoding: anchor.subject.text, as: UTF8.self)),
      number: Int64(clamping: found.size), at: 0)
    do {
      let seen = try await calendars.confirmed(record, file)
      guard let time = seen.time else { return found }
      found.state = .holds
      found.time = time
      found.depth = seen.depth
      found.text = "In a Bitcoin block since \(time), \(seen.depth ?? 0) deep."
    } catch let error as PeerChartError where error.code == .integrity {
      found.state = .fails
      found.text = "The Bitcoin block does not hold what the timestamp says."
    } catch {
      found.text = "The Bitcoin node could not be asked."
    }
    return found
  }
}
