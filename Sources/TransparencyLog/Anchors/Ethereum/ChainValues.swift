public import Primitives

/// A number as Ethereum's JSON-RPC writes it: `0x`, hexadecimal digits without leading zeroes.
public struct ChainQuantity: Hashable, Sendable, Decodable {
  public let value: UInt64

  public init(from decoder: any Decoder) throws {
    let one = try decoder.singleValueContainer()
    let text = try one.decode(String.self)
    let digits = text.dropFirst(2)
    guard text.hasPrefix("0x"), digits == "0" || digits.first != "0",
      digits.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }), let value = UInt64(digits, radix: 16)
    else {
      throw DecodingError.dataCorruptedError(in: one, debugDescription: "not a quantity")
    }
    self.value = value
  }

  /// The form.
  public static func text(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}

/// Bytes as Ethereum's JSON-RPC writes them: `0x` and two digits each.
public struct ChainBytes: Hashable, Sendable, Decodable {
  public let bytes: [UInt8]

  public init(from decoder: any Decoder) throws {
    let one = try decoder.singleValueContainer()
    let text = try one.decode(String.self)
    guard text.hasPrefix("0x"), let bytes = Hex.decode(text.dropFirst(2).lowercased()) else {
      throw DecodingError.dataCorruptedError(in: one, debugDescription: "not bytes")
    }
    self.bytes = bytes
  }

  /// The form.
  public static func text(_ bytes: [UInt8]) -> String { "0x" + Hex.encode(bytes) }
}

/// Reads members of an object of fixed length.
struct ChainMembers<Key: CodingKey> {
  let container: KeyedDecodingContainer<Key>

  func number(_ key: Key) throws -> UInt64 {
    try container.decode(ChainQuantity.self, forKey: key).value
  }

  /// The number of a block: no chain comes near 2^48, and sums of smaller ones cannot overflow.
  func blockNumber(_ key: Key) throws -> UInt64 {
    let value = try number(key)
    guard value < 1 << 48 else { throw wrong(key) }
    return value
  }

  func bytes(_ key: Key) throws -> [UInt8] {
    try container.decode(ChainBytes.self, forKey: key).bytes
  }

  func hash(_ key: Key) throws -> Hash {
    guard let hash = Hash(bytes: try bytes(key)) else { throw wrong(key) }
    return hash
  }

  func address(_ key: Key) throws -> EthereumAddress {
    guard let address = EthereumAddress(bytes: try bytes(key)) else { throw wrong(key) }
    return address
  }

  func wrong(_ key: Key) -> DecodingError {
    .dataCorruptedError(forKey: key, in: container, debugDescription: "of another length")
  }
}

/// A block, as far as it is looked at (EIP-1474 `eth_getBlockByNumber`).
public struct ChainBlock: Hashable, Sendable, Decodable {
  public let number: UInt64
  public let hash: Hash
  public let time: Instant
  /// Wei for each gas; nil before EIP-1559.
  public let baseFee: UInt64?

  private enum Key: String, CodingKey { case number, hash, timestamp, baseFeePerGas }

  public init(from decoder: any Decoder) throws {
    let members = ChainMembers(container: try decoder.container(keyedBy: Key.self))
    number = try members.blockNumber(.number)
    hash = try members.hash(.hash)
    let seconds = try members.number(.timestamp)
    guard seconds < 1 << 40 else { throw members.wrong(.timestamp) }
    time = Instant(millisecondsSinceEpoch: Int64(seconds) * 1000)
    baseFee = try members.container.decodeIfPresent(ChainQuantity.self, forKey: .baseFeePerGas)?
      .value
  }
}

/// What a contract said in a transaction (EIP-1474 `eth_getLogs`).
public struct ChainEvent: Hashable, Sendable, Decodable {
  public let address: EthereumAddress
  public let topics: [[UInt8]]
  public let data: [UInt8]
  public let blockNumber: UInt64
  public let blockHash: Hash
  public let transaction: Hash
  public let index: UInt64
  /// Whether the block is no longer part of the chain.
  public let isRemoved: Bool

  private enum Key: String, CodingKey {
    case address, topics, data, blockNumber, blockHash, transactionHash, logIndex, removed
  }

  public init(from decoder: any Decoder) throws {
    let members = ChainMembers(container: try decoder.container(keyedBy: Key.self))
    address = try members.address(.address)
    topics = try members.container.decode([ChainBytes].self, forKey: .topics).map(\.bytes)
    data = try members.bytes(.data)
    guard topics.count <= 4, topics.allSatisfy({ $0.count == 32 }) else {
      throw members.wrong(.topics)
    }
    blockNumber = try members.blockNumber(.blockNumber)
    blockHash = try members.hash(.blockHash)
    transaction = try members.hash(.transactionHash)
    index = try members.number(.logIndex)
    isRemoved = try members.container.decodeIfPresent(Bool.self, forKey: .removed) ?? false
  }
}

/// What came of a transaction (EIP-1474 `eth_getTransactionReceipt`).
public struct ChainReceipt: Hashable, Sendable, Decodable {
  public let transaction: Hash
  public let blockNumber: UInt64
  public let blockHash: Hash
  public let isSuccess: Bool
  public let gasUsed: UInt64
  /// Wei for each gas.
  public let gasPrice: UInt64?
  /// The contract that was made, if one was.
  public let contract: EthereumAddress?
  public let events: [ChainEvent]

  private enum Key: String, CodingKey {
    case transactionHash, blockNumber, blockHash, status, gasUsed, effectiveGasPrice,
      contractAddress
    case logs
  }

  public init(from decoder: any Decoder) throws {
    let members = ChainMembers(container: try decoder.container(keyedBy: Key.self))
    transaction = try members.hash(.transactionHash)
    blockNumber = try members.blockNumber(.blockNumber)
    blockHash = try members.hash(.blockHash)
    let status = try members.number(.status)
    guard status <= 1 else { throw members.wrong(.status) }
    isSuccess = status == 1
    gasUsed = try members.number(.gasUsed)
    gasPrice =
      try members.container.decodeIfPresent(ChainQuantity.self, forKey: .effectiveGasPrice)?.value
    let made = try members.container.decodeIfPresent(ChainBytes.self, forKey: .contractAddress)
    contract = made.flatMap { EthereumAddress(bytes: $0.bytes) }
    events = try members.container.decode([ChainEvent].self, forKey: .logs)
  }
}
