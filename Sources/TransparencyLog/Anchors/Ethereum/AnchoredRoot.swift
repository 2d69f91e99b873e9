public import Primitives

/// A root of a log as it stands in a registry on a chain.
public struct AnchoredRoot: Hashable, Sendable {
  public let account: EthereumAddress
  public let log: Hash
  public let size: UInt64
  public let root: Hash
  public let accumulator: [UInt8]
  public let blockNumber: UInt64
  public let blockHash: Hash
  public let transaction: Hash
  let index: UInt64

  /// Reads an event of a registry; nil for any other.
  public init?(_ event: ChainEvent, registry: EthereumAddress) {
    guard event.address == registry, !event.isRemoved, event.topics.count == 4,
      event.topics[0] == AnchorRegistry.anchoredTopic, event.data.count == 64,
      event.topics[1].prefix(12).allSatisfy({ $0 == 0 }),
      let account = EthereumAddress(bytes: Array(event.topics[1].suffix(20))),
      let log = Hash(bytes: event.topics[2]),
      let size = AnchorRegistry.number(event.topics[3][...]),
      let root = Hash(bytes: event.data.prefix(32))
    else { return nil }
    self.account = account
    self.log = log
    self.size = size
    self.root = root
    accumulator = Array(event.data.suffix(32))
    blockNumber = event.blockNumber
    blockHash = event.blockHash
    transaction = event.transaction
    index = event.index
  }
}

/// All roots of one log of one account, checked against the accumulator that the registry keeps.
public struct AnchorHistory: Sendable {
  /// In the order in which they were given, each larger than the one before.
  public let roots: [AnchoredRoot]

  /// The question for the events.
  public static func filter(
    registry: EthereumAddress, account: EthereumAddress, log: Hash, from: UInt64, to: UInt64
  ) -> ChainCall {
    let topics: [ChainCall.Argument] = [
      .text(ChainBytes.text(AnchorRegistry.anchoredTopic)), .text(ChainBytes.text(account.word)),
      .text(ChainBytes.text(log.bytes)),
    ]
    return ChainCall(
      "eth_getLogs",
      [
        .object([
          "address": .text(ChainBytes.text(registry.bytes)), "topics": .list(topics),
          "fromBlock": .text(ChainQuantity.text(from)), "toBlock": .text(ChainQuantity.text(to)),
        ])
      ])
  }

  /// - Throws: `integrity` where an event is missing, added, changed or out of order.
  public init(
    _ events: [ChainEvent], head: RegistryHead, registry: EthereumAddress,
    account: EthereumAddress, log: Hash
  ) throws(PeerChartError) {
    var roots: [AnchoredRoot] = []
    var accumulator = [UInt8](repeating: 0, count: 32)
    for event in events {
      guard let root = AnchoredRoot(event, registry: registry), root.account == account,
        root.log == log
      else { throw Self.wrong("an event is not of this log and account", event.index) }
      accumulator = AnchorRegistry.accumulate(accumulator, root: root.root, size: root.size)
      guard root.accumulator == accumulator, root.size > roots.last?.size ?? 0,
        (root.blockNumber, root.index) > roots.last.map({ ($0.blockNumber, $0.index) }) ?? (0, 0)
          || roots.isEmpty
      else { throw Self.wrong("the events of the registry do not follow one another", event.index) }
      roots.append(root)
    }
    guard UInt64(roots.count) == head.count, roots.last?.size ?? 0 == head.size,
      accumulator == head.accumulator
    else { throw PeerChartError(.integrity, "the events are not all that the registry has") }
    self.roots = roots
  }

  private static func wrong(_ reason: String, _ index: UInt64) -> PeerChartError {
    PeerChartError(.integrity, reason, place: "event \(index)")
  }
}
