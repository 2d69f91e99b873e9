public import Primitives

/// A transaction of type 2 (EIP-1559), without access list. Amounts are in wei.
public struct FeeMarketTransaction: Hashable, Sendable {
  public var chainID: UInt64
  public var nonce: UInt64
  public var maxPriorityFeePerGas: UInt64
  public var maxFeePerGas: UInt64
  public var gasLimit: UInt64
  /// Nil where a contract is made.
  public var to: EthereumAddress?
  public var value: UInt64 = 0
  public var data: [UInt8]

  public init(
    chainID: UInt64, nonce: UInt64, maxPriorityFeePerGas: UInt64, maxFeePerGas: UInt64,
    gasLimit: UInt64, to: EthereumAddress?, value: UInt64 = 0, data: [UInt8]
  ) {
    self.chainID = chainID
    self.nonce = nonce
    self.maxPriorityFeePerGas = maxPriorityFeePerGas
    self.maxFeePerGas = maxFeePerGas
    self.gasLimit = gasLimit
    self.to = to
    self.value = value
    self.data = data
  }

  private var fields: [RLP] {
    [
      .integer(chainID), .integer(nonce), .integer(maxPriorityFeePerGas), .integer(maxFeePerGas),
      .integer(gasLimit), .bytes(to?.bytes ?? []), .integer(value), .bytes(data), .list([]),
    ]
  }

  /// What is signed.
  public var digest: [UInt8] { Keccak256.hash([0x02] + RLP.list(fields).encoded) }

  /// The bytes that are sent, and their hash, which is the transaction's name.
  ///
  /// - Parameter random: blinds the computation; the bytes are the same each time.
  public func signed(
    by key: EthereumKey, random: some RandomSource
  ) throws(PeerChartError) -> (raw: [UInt8], name: Hash) {
    let signature = try key.sign(digest, random: random)
    let signed =
      fields + [.integer(signature.parity), .integer(signature.r), .integer(signature.s)]
    let raw = [0x02] + RLP.list(signed).encoded
    guard let name = Hash(bytes: Keccak256.hash(raw)) else {
      throw PeerChartError(.invalid, "a hash has 32 bytes")
    }
    return (raw, name)
  }
}
