import Crypto
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The secret that an authenticator app shares with the node: six digits every 30 seconds by HMAC and
/// SHA-1 (RFC 6238). Other hashes and lengths are in the standard and not in the apps; HMAC asks
/// nothing of SHA-1 that has been broken.
public struct TOTPSecret: Hashable, Sendable {
  /// 160 bits (RFC 4226 section 4, R6).
  static let byteCount = 20
  static let digits = 6
  /// Milliseconds that a code lasts.
  static let stepLength: Int64 = 30_000
  /// Steps by which two clocks may differ, each way (RFC 6238 section 5.2 advises one).
  static let window: Int64 = 1

  let key: Redacted<[UInt8]>

  /// Makes a fresh secret.
  public init(random: any RandomSource) { key = Redacted(random.bytes(Self.byteCount)) }

  /// Takes a secret that exists. Returns nil below 16 bytes (RFC 4226 section 4, R6) and above 64.
  public init?(key: Redacted<[UInt8]>) {
    guard (16...64).contains(key.exposed.count) else { return nil }
    self.key = key
  }

  /// The step whose code this is, if it is one step away at most and later than the last one used;
  /// the caller keeps it as the next `lastStep`, in the write that lets the person in, so that a code
  /// works once (ASVS 6.5.1).
  ///
  /// - Parameter code: as typed; blanks are skipped.
  /// - Parameter lastStep: what this returned when it was last used, nil when it never was.
  public func step(matching code: String, at now: Instant, after lastStep: Int64?) -> Int64? {
    let typed = code.utf8.prefix(32).filter { $0 != 0x20 }
    let (current, _) = Self.step(at: now)
    var found: Int64?
    // Every step is computed and compared, so that the time taken does not tell which it was.
    for step in current - Self.window...current + Self.window {
      if constantTimeEqual(Self.text(number(at: step)), typed), step > lastStep ?? .min {
        found = step
      }
    }
    return found
  }

  /// The number of whole steps since 1970 and the milliseconds into the next.
  private static func step(at now: Instant) -> (step: Int64, rest: Int64) {
    let (step, rest) = now.millisecondsSinceEpoch.quotientAndRemainder(dividingBy: stepLength)
    return rest < 0 ? (step - 1, rest + stepLength) : (step, rest)
  }

  /// The number of 31 bits from which the digits are taken (RFC 4226 section 5.3, dynamic truncation).
  private func number(at step: Int64) -> UInt32 {
    let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
    let mac = Array(
      HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: key.exposed)))
    let offset = Int((mac.last ?? 0) & 15)
    let number = mac.dropFirst(offset).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return number & 0x7FFF_FFFF
  }

  private static func text(_ number: UInt32) -> [UInt8] {
    var rest = number
    var text: [UInt8] = []
    for _ in 0..<digits {
      text.append(0x30 + UInt8(rest % 10))
      rest /= 10
    }
    return text.reversed()
  }
}

extension TOTPSecret: CustomStringConvertible {
  /// Never the secret.
  public var description: String { "<authenticator app>" }
}

extension TOTPSecret: Codable {
  /// Reads the secret in base64url.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let key = Base64URL.decode(text), let secret = TOTPSecret(key: Redacted(key)) else {
      throw PeerChartError(.malformed, "the secret of one-time codes does not follow its format")
    }
    self = secret
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Base64URL.encode(key.exposed))
  }
}
