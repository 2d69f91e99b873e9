import Crypto

/// One step from a message to the next (OpenTimestamps).
public enum TimestampOperation: Hashable, Sendable {
  case append([UInt8])
  case prepend([UInt8])
  case sha256

  /// The longest message and argument, in bytes.
  static let limit = 4096

  /// The next message; nil where it would be too long.
  func apply(to message: [UInt8]) -> [UInt8]? {
    let result: [UInt8]
    switch self {
    case .append(let argument): result = message + argument
    case .prepend(let argument): result = argument + message
    case .sha256: result = Array(SHA256.hash(data: message))
    }
    return result.count <= Self.limit ? result : nil
  }

  /// Steps are written by kind and argument, whose length does not count.
  var order: [UInt8] {
    switch self {
    case .append(let argument): [0xF0] + argument
    case .prepend(let argument): [0xF1] + argument
    case .sha256: [0x08]
    }
  }

  var encoded: [UInt8] {
    switch self {
    case .append(let argument): [0xF0] + TimestampWriter.prefixed(argument)
    case .prepend(let argument): [0xF1] + TimestampWriter.prefixed(argument)
    case .sha256: [0x08]
    }
  }
}

/// Who says that a message was there at a time (OpenTimestamps).
public enum TimestampAttestation: Hashable, Sendable {
  /// A calendar has taken it and will have more to say at this address.
  case pending(String)
  /// The message is the Merkle root of the Bitcoin block of this height.
  case bitcoin(UInt64)
  /// Some other kind, kept as it is.
  case other(tag: [UInt8], payload: [UInt8])

  static let pendingTag: [UInt8] = [0x83, 0xDF, 0xE3, 0x0D, 0x2E, 0xF9, 0x0C, 0x8E]
  static let bitcoinTag: [UInt8] = [0x05, 0x88, 0x96, 0x0D, 0x73, 0xD7, 0x19, 0x01]
  static let payloadLimit = 8192
  static let addressLimit = 1000

  /// They are written by kind, address and height.
  var order: [UInt8] {
    switch self {
    case .pending(let address): Self.pendingTag + Array(address.utf8)
    case .bitcoin(let height):
      Self.bitcoinTag + (0..<8).map { UInt8(truncatingIfNeeded: height >> (56 - 8 * $0)) }
    case .other(let tag, let payload): tag + payload
    }
  }

  var encoded: [UInt8] {
    switch self {
    case .pending(let address):
      Self.pendingTag + TimestampWriter.prefixed(TimestampWriter.prefixed(Array(address.utf8)))
    case .bitcoin(let height):
      Self.bitcoinTag + TimestampWriter.prefixed(TimestampWriter.number(height))
    case .other(let tag, let payload): tag + TimestampWriter.prefixed(payload)
    }
  }
}

/// Numbers and strings in the way of OpenTimestamps: seven bits a byte, the lowest first.
enum TimestampWriter {
  static func number(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func prefixed(_ bytes: [UInt8]) -> [UInt8] { number(UInt64(bytes.count)) + bytes }
}
