import Crypto
public import Primitives

/// A link or QR code that lets one node pair with another, once: where it is, which keys it must
/// show, and a secret that says the guest was asked (docs/format/invitation.md).
///
/// It is a secret until it is used or has expired.
public struct Invitation: Sendable, Equatable {
  /// Length of the secret in bytes: 128 bits.
  public static let secretLength = 16
  /// The most addresses in one invitation.
  public static let maximumAddresses = 4
  /// Longest text in characters that is read.
  public static let maximumLength = 2048

  static let version: UInt8 = 1
  static let checksumLength = 4
  static let scheme = "peerchart:"

  /// Where the inviting node listens, best first; 1 to 4 of them.
  public let addresses: [NodeAddress]
  /// The inviting node: the keys it shows must hash to this name.
  public let node: NodeID
  /// 16 bytes that only the two sides know.
  public let secret: Redacted<[UInt8]>
  /// The end of the invitation, in whole seconds.
  public let expires: Instant

  /// Invites.
  ///
  /// - Parameter expires: cut to whole seconds.
  /// - Throws: `invalid` without an address, with more than four, or with an end outside 1970–2106.
  public init(
    node: NodeID, addresses: [NodeAddress], expires: Instant, random: any RandomSource
  ) throws {
    let seconds = expires.millisecondsSinceEpoch / 1000
    guard (1...Self.maximumAddresses).contains(addresses.count), seconds > 0,
      seconds <= Int64(UInt32.max)
    else {
      throw PeerChartError(
        .invalid, "an invitation has one to four addresses and an end before 2106")
    }
    self.init(
      addresses: addresses, node: node, secret: random.bytes(Self.secretLength),
      seconds: UInt32(seconds))
  }

  init(addresses: [NodeAddress], node: NodeID, secret: [UInt8], seconds: UInt32) {
    self.addresses = addresses
    self.node = node
    self.secret = Redacted(secret)
    expires = Instant(millisecondsSinceEpoch: Int64(seconds) * 1000)
  }

  /// Whether the invitation has ended.
  public func isExpired(at now: Instant) -> Bool { now >= expires }
}

extension Invitation: CustomStringConvertible {
  /// The node's fingerprint, never the secret.
  public var description: String { "invitation from \(node.fingerprint)" }
}
