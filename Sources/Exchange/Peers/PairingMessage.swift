import Crypto
import Identity
import Primitives

/// The two messages of pairing (docs/format/invitation.md): each side's identity statement and
/// addresses, under a MAC by the invitation's secret. The secret itself is never sent, so whoever sits
/// on the line learns nothing that would let it pose as either.
struct PairingMessage: Sendable {
  enum Step: UInt8 {
    case request = 1
    case reply = 2
  }

  let step: Step
  /// Which invitation: a hash of its secret.
  let invitation: [UInt8]
  let statement: [UInt8]
  let addresses: [String]
  /// Of a reply: the hash of the request that it answers.
  let answers: [UInt8]

  private static let magic = Array("peerchart-pair-1".utf8)

  static func invitationID(_ secret: [UInt8]) -> [UInt8] {
    Array(SHA256.hash(data: Array("peerchart invitation".utf8) + secret).prefix(16))
  }

  func encoded(secret: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(raw: Self.magic)
    writer.append(step.rawValue)
    writer.append(prefixed: invitation)
    writer.append(prefixed: statement)
    writer.append(UInt32(truncatingIfNeeded: addresses.count))
    for address in addresses { writer.append(prefixed: address) }
    writer.append(prefixed: answers)
    return writer.bytes + Self.mac(writer.bytes, secret)
  }

  /// Parses a message and leaves its MAC to be checked once the secret is known.
  static func parse(_ bytes: [UInt8]) throws -> (
    message: PairingMessage, isAuthentic: (_ secret: [UInt8]) -> Bool
  ) {
    guard bytes.count > 32 else {
      throw PeerChartError(.malformed, "a pairing message ends early")
    }
    let signed = Array(bytes.dropLast(32))
    let mac = Array(bytes.suffix(32))
    var reader = ByteReader(signed)
    guard try reader.read(count: magic.count) == magic, let step = Step(rawValue: try reader.read())
    else { throw PeerChartError(.malformed, "this is not a pairing message") }
    let invitation = try reader.readPrefixed(limit: 16)
    let statement = try reader.readPrefixed(limit: 16 << 10)
    let count = try reader.read(UInt32.self)
    guard count <= 16 else { throw PeerChartError(.tooLarge, "too many addresses") }
    var addresses: [String] = []
    for _ in 0..<count {
      let address = try reader.readPrefixedText(limit: 256)
      guard NodeAddress(address) != nil else {
        throw PeerChartError(.malformed, "an address is not one: host and port", place: "addresses")
      }
      addresses.append(address)
    }
    let answers = try reader.readPrefixed(limit: 32)
    try reader.requireEnd()
    let message = PairingMessage(
      step: step, invitation: invitation, statement: statement, addresses: addresses,
      answers: answers)
    return (message, { constantTimeEqual(Self.mac(signed, $0), mac) })
  }

  private static func mac(_ bytes: [UInt8], _ secret: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: secret)))
  }
}
