import Primitives

/// An account or a contract: 20 bytes.
public struct EthereumAddress: Hashable, Sendable {
  public let bytes: [UInt8]

  /// Nil unless there are 20.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 20 else { return nil }
    self.bytes = bytes
  }

  /// Reads `0x` and 40 digits. Where upper and lower case are mixed they must be the check of EIP-55.
  public init?(_ text: some StringProtocol) {
    guard text.hasPrefix("0x"), let bytes = Hex.decode(text.dropFirst(2).lowercased()) else {
      return nil
    }
    self.init(bytes: bytes)
    let digits = text.dropFirst(2)
    let isMixed = digits.contains { $0.isUppercase } && digits.contains { $0.isLowercase }
    if isMixed, description != text { return nil }
  }

  init(last20 bytes: [UInt8]) { self.bytes = Array(bytes.suffix(20)) }

  /// The contract that a transaction of this account makes.
  public func contract(nonce: UInt64) -> EthereumAddress {
    EthereumAddress(last20: Keccak256.hash(RLP.list([.bytes(bytes), .integer(nonce)]).encoded))
  }

  /// As an argument of a call: 32 bytes.
  var word: [UInt8] { [UInt8](repeating: 0, count: 12) + bytes }
}

extension EthereumAddress: CustomStringConvertible {
  /// The form of EIP-55, whose upper and lower case are a check.
  public var description: String {
    let digits = Array(Hex.encode(bytes).utf8)
    let check = Keccak256.hash(digits)
    let marked = digits.enumerated().map { index, digit -> UInt8 in
      let nibble = index % 2 == 0 ? check[index / 2] >> 4 : check[index / 2] & 15
      return digit >= 97 && nibble >= 8 ? digit - 32 : digit
    }
    return "0x" + String(decoding: marked, as: UTF8.self)
  }
}

extension EthereumAddress: Codable {
  public init(from decoder: any Decoder) throws {
    let one = try decoder.singleValueContainer()
    guard let address = EthereumAddress(try one.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: one, debugDescription: "no address")
    }
    self = address
  }

  public func encode(to encoder: any Encoder) throws {
    var one = encoder.singleValueContainer()
    try one.encode(description)
  }
}
